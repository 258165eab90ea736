//! The old Terraform module's block as a first tanets.toml: its three arguments and the variables in its `environment`, what
//! of them tanets.toml can't express, and which numbers change. The webhook's URL is never taken over. Asks nobody, prints
//! nothing.

mod differences;
mod find;

use percent_encoding::percent_decode_str;
use tanets_function::secret::Secret;

use crate::config::Problem;
use crate::init::{Draft, QUESTIONS, Question};
use crate::terraform::{Entries, Folder, Term, Unknown};
pub use find::MigrationError;
use find::{Old, find, is_unnamed};

/// Where a webhook goes whose URL stands in the Terraform files.
const WEBHOOK: &str = "ssm:/tanets/slack-webhook";

/// What the module does without an argument (its variables.tf).
const DEFAULTS: [(&str, &str); 2] = [("name", "tanets"), ("notify_schedule", "cron(15 1 * * ? *)")];

/// What a block becomes.
#[derive(Debug)]
pub struct Migration {
    /// What was read: `module.tanets in main.tf:3`.
    pub source: String,
    /// What Terraform's state has of it.
    pub addresses: Vec<String>,
    /// The answers that the block gives, and what it knows beside them.
    pub draft: Draft,
    /// Why an answer isn't there: its key and its place.
    pub unknown: Vec<Problem>,
    /// What tanets.toml can't express.
    pub left: Vec<Problem>,
    /// Whether the files name the parameter or secret that the webhook is kept in.
    pub webhook_is_kept: bool,
    /// The webhook, where it stands in the files: to be hidden.
    pub webhook: Option<Secret>,
    /// What changes in the numbers and the message, a sentence or two each.
    pub differences: Vec<String>,
}

/// Takes over the module of this name, or the only one that looks like the old one. `zone` is the time zone that was asked
/// for; `env` answers the `${NAME}` in values.
///
/// # Errors
/// If there is none, or more than one.
pub fn migrate(
    folder: &Folder,
    module: Option<&str>,
    zone: Option<&str>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Migration, MigrationError> {
    let old = find(folder, module)?;
    let mut reader = Reader {
        folder,
        env,
        place: old.place.clone(),
        migration: Migration::of(&old),
        settings: Vec::new(),
    };
    reader.arguments(&old.arguments);
    reader.region(&old.arguments);
    let Reader { mut migration, settings, .. } = reader;
    migration.differences = differences::differences(&settings, &migration.draft, zone);
    migration.left.extend(folder.unread.iter().map(|path| Problem {
        file: path.display().to_string(),
        key: None,
        place: None,
        message: "isn't read here: what it says of the module isn't taken over".to_owned(),
        hint: None,
    }));
    Ok(migration)
}

impl Migration {
    fn of(old: &Old<'_>) -> Self {
        let mut draft = Draft::default();
        for (argument, default) in DEFAULTS {
            if let Some(answer) = answer(&mut draft, argument) {
                *answer = Some(default.to_owned());
            }
        }
        if let Some(answer) = answer(&mut draft, "SLACK_WEBHOOK_URL") {
            *answer = Some(WEBHOOK.to_owned());
        }
        Self {
            source: old.source.clone(),
            addresses: old.addresses.clone(),
            draft,
            unknown: Vec::new(),
            left: Vec::new(),
            webhook_is_kept: false,
            webhook: None,
            differences: Vec::new(),
        }
    }
}

/// The question that a setting of the module answers.
fn question(setting: &str) -> Option<(usize, &'static Question)> {
    let key = match setting {
        "name" => "name",
        "notify_schedule" => "schedule",
        "ES_ENDPOINT" => "elasticsearch.endpoint",
        "ES_INDEXES" | "ES_INDEXIS" => "elasticsearch.indexes",
        "ERROR_LEVEL" => "digest.levels",
        "SLACK_WEBHOOK_URL" => "slack.webhook",
        _ => return None,
    };
    QUESTIONS.iter().enumerate().find(|(_, question)| question.key == key)
}

fn answer<'d>(draft: &'d mut Draft, setting: &str) -> Option<&'d mut Option<String>> {
    draft.answers.get_mut(question(setting)?.0)
}

/// Settings with the values that the old function saw.
type Settings = Vec<(String, String)>;

struct Reader<'a> {
    folder: &'a Folder,
    env: &'a dyn Fn(&str) -> Option<String>,
    /// The block's.
    place: String,
    migration: Migration,
    settings: Settings,
}

impl<'a> Reader<'a> {
    fn arguments(&mut self, arguments: &[(String, Term<'a>)]) {
        let environment = self.environment(arguments);
        let named = |wanted: &str| environment.iter().find(|(name, _)| name == wanted).map(|(_, term)| term);
        // First, as nothing else may have it in it.
        if let Some(term) = named("SLACK_WEBHOOK_URL") {
            self.webhook(term);
        }
        for (name, term) in arguments {
            match name.as_str() {
                "source" | "version" | "providers" | "environment" => {}
                "name" | "notify_schedule" => self.setting(name, term),
                "count" | "for_each" => self.instances(name, term),
                _ => self.leave(name, term, "has no counterpart in tanets.toml"),
            }
        }
        // What the function reads goes before the article's spelling of it.
        let right = named("ES_INDEXES").is_some();
        for (name, term) in &environment {
            match name.as_str() {
                "ES_INDEXIS" if right => {}
                "SLACK_WEBHOOK_URL" => {}
                "SLACK_CHANNEL" | "USER_NAME" | "KIBANA_URL" | "UNIT_OF_TIME" => self.setting(name, term),
                _ if question(name).is_some() => self.setting(name, term),
                _ => self.leave(&format!("environment.{name}"), term, "is no setting of the function"),
            }
        }
        let Migration { draft, unknown, .. } = &mut self.migration;
        for (setting, question) in ["ES_ENDPOINT", "ES_INDEXES", "ERROR_LEVEL"]
            .into_iter()
            .filter_map(|setting| Some((setting, question(setting)?)))
        {
            let (index, Question { key, .. }) = question;
            let told = |problem: &Problem| problem.is_about(key) || problem.is_about("environment");
            if draft.answers[index].is_none() && !unknown.iter().any(told) {
                let message = format!("`{setting}` isn't set");
                let (file, key) = (self.place.clone(), Some((*key).to_owned()));
                unknown.push(Problem { file, key, place: None, message, hint: None });
            }
        }
    }

    /// What the block's environment has, as far as that is known.
    fn environment(&mut self, arguments: &[(String, Term<'a>)]) -> Vec<(String, Term<'a>)> {
        let Some((name, term)) = arguments.iter().find(|(name, _)| name == "environment") else {
            return Vec::new();
        };
        let Entries { known, unknown } = self.folder.entries(term);
        self.migration.unknown.extend(unknown.into_iter().map(|unknown| Problem {
            hint: Some("what it sets isn't taken over: write that into tanets.toml".to_owned()),
            ..about(name, unknown)
        }));
        known
    }

    fn setting(&mut self, name: &str, term: &Term<'a>) {
        let asked = question(name);
        let key = asked.map_or(name, |(_, question)| question.key);
        let value = match self.folder.text(term) {
            Ok(value) if self.has_webhook(&value) => {
                let message = "has a webhook's URL in it, which is never copied".to_owned();
                let (file, key) = (term.place(), Some(key.to_owned()));
                return self.untold(asked, Problem { file, key, place: None, message, hint: None });
            }
            // A heredoc ends in a line break.
            Ok(value) => value.trim().to_owned(),
            Err(unknown) => {
                let reference = self.reference(term).filter(|_| name == "ES_ENDPOINT");
                return match (asked, reference) {
                    (Some((index, _)), Some(reference)) => {
                        self.migration.draft.answers[index] = Some(reference);
                    }
                    _ => self.untold(asked, about(key, unknown)),
                };
            }
        };
        self.settings.push((name.to_owned(), value.clone()));
        if value.is_empty() {
            return;
        }
        // A `${` of Terraform's `$${` isn't tanets.toml's.
        let value = value.replace("${", "$${");
        let key = match (asked, name) {
            (Some((index, question)), _) => {
                let wrong = question.check(&value, self.env).err();
                self.migration.draft.answers[index] = Some(value).filter(|_| wrong.is_none());
                self.migration.unknown.extend(wrong.map(|problem| Problem {
                    file: term.place(),
                    place: None,
                    ..*problem
                }));
                return;
            }
            (None, "SLACK_CHANNEL") => "slack.channel",
            (None, "USER_NAME") => "slack.username",
            (None, "KIBANA_URL") => "digest.kibana",
            // Any other unit meant the hour, which is the default.
            (None, "UNIT_OF_TIME") if ["h", "m", "s"].contains(&value.as_str()) => "digest.per",
            (None, _) => return,
        };
        let value = match key {
            "digest.kibana" if !value.contains("://") => format!("https://{value}"),
            _ => value,
        };
        self.more(key, value, term);
    }

    /// Leaves out what has a problem.
    fn untold(&mut self, asked: Option<(usize, &'static Question)>, problem: Problem) {
        match asked {
            Some((index, _)) => {
                // Not the module's default either: the block says something else.
                self.migration.draft.answers[index] = None;
                self.migration.unknown.push(problem);
            }
            None => self.migration.left.push(problem),
        }
    }

    /// Takes a key beside the answers, unless the configuration refuses it.
    fn more(&mut self, key: &'static str, value: String, term: &Term<'a>) {
        let alone = Draft { answers: Default::default(), more: vec![(key, value.clone())] };
        match alone.problems(self.env).into_iter().find(|problem| problem.is_about(key)) {
            None => self.migration.draft.more.push((key, value)),
            Some(problem) => {
                let problem = Problem { file: term.place(), place: None, ..problem };
                self.migration.left.push(problem);
            }
        }
    }

    fn webhook(&mut self, term: &Term<'a>) {
        if let Some(reference) = self.reference(term) {
            self.migration.webhook_is_kept = true;
            if let Some(answer) = answer(&mut self.migration.draft, "SLACK_WEBHOOK_URL") {
                *answer = Some(reference);
            }
        }
        // What isn't more than a host, a placeholder, is no secret, and part of many a word.
        let is_secret =
            |url: &String| without_scheme(url).split_once('/').is_some_and(|(_, path)| !path.is_empty());
        let url = self.folder.text(term).ok().map(|url| url.trim().to_owned()).filter(is_secret);
        self.migration.webhook = url.map(Secret::new);
    }

    /// Whether a value has the block's webhook in it, or something that looks like one.
    fn has_webhook(&self, value: &str) -> bool {
        // As settings without a scheme, and as queries of other URLs may have it too.
        let own = self.migration.webhook.as_ref().map(|own| without_scheme(own.expose()));
        let value = percent_decode_str(value).decode_utf8_lossy();
        own.is_some_and(|own| value.contains(own)) || value.to_ascii_lowercase().contains("hooks.slack.com/")
    }

    /// The reference of a secret that Terraform reads, or keeps, by its name.
    fn reference(&self, term: &Term<'a>) -> Option<String> {
        let (block, attribute) = self.folder.source(term)?;
        let (kind, name) = match (block.label(0), attribute) {
            ("aws_ssm_parameter", "value") => ("ssm", "name"),
            ("aws_secretsmanager_secret_version", "secret_string") => ("secretsmanager", "secret_id"),
            _ => return None,
        };
        Some(format!("{kind}:{}", self.folder.text(&block.entry(name)?).ok()?))
    }

    /// The region of the provider that makes the module's resources.
    fn region(&mut self, arguments: &[(String, Term<'a>)]) {
        let providers = arguments.iter().find(|(name, _)| name == "providers");
        let aws = providers.and_then(|(_, term)| {
            self.folder.entries(term).known.into_iter().find(|(name, _)| name == "aws")
        });
        let alias = aws.and_then(|(_, term)| Some((*term.path().get(1)?).to_owned()));
        let provider = self.folder.blocks("provider").find(|block| {
            let named = block.entry("alias").and_then(|alias| self.folder.text(&alias).ok());
            block.label(0) == "aws" && named == alias
        });
        let Some(region) = provider.and_then(|block| block.entry("region")) else { return };
        match self.folder.text(&region) {
            Ok(value) => self.more("region", value, &region),
            Err(unknown) => self.migration.left.push(about("region", unknown)),
        }
    }

    /// Tells that only one of them is taken over, where there may be more.
    fn instances(&mut self, name: &str, term: &Term<'a>) {
        let unnamed = self.migration.addresses.iter().find(|address| is_unnamed(address)).cloned();
        let Some(address) = unnamed else { return };
        self.leave(name, term, "a tanets.toml is one stack: write one for each");
        if let Some(problem) = self.migration.left.last_mut() {
            problem.hint = Some(format!("name the instance in `terraform state rm '{address}'`"));
        }
    }

    fn leave(&mut self, key: &str, term: &Term<'a>, message: &str) {
        self.migration.left.push(Problem {
            file: term.place(),
            key: Some(key.to_owned()),
            place: None,
            message: message.to_owned(),
            hint: None,
        });
    }
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

fn about(key: &str, unknown: Unknown) -> Problem {
    let Unknown { place, expression } = unknown;
    Problem {
        file: place,
        key: Some(key.to_owned()),
        place: None,
        message: format!("{expression} isn't known without Terraform"),
        hint: None,
    }
}

#[cfg(test)]
mod tests;
