//! `tanets init`: answers from flags, and from whoever sits at the terminal, become a tanets.toml. Never overwrites one unasked.

use std::fs::OpenOptions;
use std::io::Write;

use super::secrets;
use crate::cli::{Global, InitArgs};
use crate::config::{Config, ConfigError, Problem};
use crate::exit::{Exit, Failure};
use crate::init::{DOMAIN, Draft, QUESTIONS};
use crate::migration::{Migration, migrate};
use crate::terraform::Folder;
use crate::view::View;

pub(super) fn init(global: &Global, args: InitArgs, view: &dyn View) -> Result<Exit, Failure> {
    let path = &global.config;
    let exists = || Failure::Exists(path.clone());
    if !args.force && path.exists() {
        return Err(exists());
    }
    let env = |name: &str| std::env::var(name).ok();
    let InitArgs {
        name,
        schedule,
        endpoint,
        domain,
        indexes,
        levels,
        webhook,
        timezone,
        from_terraform,
        module,
        force,
    } = args;
    let migration = match from_terraform {
        Some(dir) => {
            let folder = Folder::read(&dir, &env)?;
            Some(migrate(&folder, module.as_deref(), timezone.as_deref(), &env)?)
        }
        None => None,
    };
    let mut draft = migration.as_ref().map(|migration| migration.draft.clone()).unwrap_or_default();
    // A flag goes before what the module was told.
    let mut given = Vec::new();
    let flags = [name, schedule, endpoint, indexes, levels, webhook];
    for ((question, answer), flag) in QUESTIONS.iter().zip(&mut draft.answers).zip(flags) {
        given.extend(flag.is_some().then_some((question.key, question.flag)));
        *answer = flag.or(answer.take());
    }
    let more = [
        (DOMAIN.key, DOMAIN.flag, domain),
        ("digest.timezone", "--timezone", timezone),
        ("region", "--region", global.region.clone()),
    ];
    for (key, flag, value) in more {
        if let Some(value) = value {
            draft.more.retain(|(known, _)| *known != key);
            draft.more.push((key, value));
            given.push((key, flag));
        }
    }
    refuse(&draft, &given, &env)?;
    // Before anybody answers for nothing.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .map_err(|source| Failure::Write { path: folder.to_owned(), source })?;
    }
    let asks = super::somebody_is_there();
    let mut why = Vec::new();
    if let Some(Migration { unknown, left, webhook, .. }) = &migration {
        view.hide(webhook.as_slice());
        why = unknown.iter().filter(|problem| !is_answered(&draft, problem)).cloned().collect();
        let left = left.iter().filter(|problem| !given.iter().any(|(key, _)| problem.is_about(key)));
        left.for_each(|problem| view.warning(problem));
        // Whoever isn't asked reads them in the error, if there is one.
        why.iter().filter(|_| asks).for_each(|problem| view.warning(problem));
    }
    let mut flags = Vec::new();
    for (question, answer) in QUESTIONS.iter().zip(&mut draft.answers) {
        match answer {
            // Flags are checked above, and the whole file below.
            Some(_) => {}
            None if asks => *answer = Some(view.ask(question, &env).ok_or(Failure::NotConfirmed)?),
            None => flags.push(question.flag),
        }
    }
    if draft.needs_domain(&env) {
        match asks {
            true => draft.more.push((DOMAIN.key, view.ask(&DOMAIN, &env).ok_or(Failure::NotConfirmed)?)),
            false => flags.push(DOMAIN.flag),
        }
    }
    if !flags.is_empty() {
        return Err(Failure::Unanswered { flags, why });
    }
    why.iter().filter(|_| !asks).for_each(|problem| view.warning(problem));
    let text = draft.text();
    let config = Config::parse(&text, path, &env)?;
    view.hide(&secrets(&config));
    config.warnings.iter().for_each(|warning| view.warning(warning));
    let unwritten = |source| Failure::Write { path: path.clone(), source };
    let file = match force {
        true => OpenOptions::new().write(true).create(true).truncate(true).open(path),
        // Somebody may have made it while the questions were asked.
        false => OpenOptions::new().write(true).create_new(true).open(path),
    };
    let mut file = file.map_err(unwritten)?;
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    view.written(path, &config, migration.as_ref());
    Ok(Exit::Done)
}

/// Refuses flags that are wrong, before anybody is asked: by their names, as no file has them yet. They are given as keys
/// and flags.
fn refuse(
    draft: &Draft,
    given: &[(&str, &str)],
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    let problems = draft.problems(env).into_iter().filter_map(|problem| {
        let (_, flag) = given.iter().find(|(key, _)| problem.is_about(key))?;
        Some(Problem { file: (*flag).to_owned(), place: None, ..problem })
    });
    let problems = Vec::from_iter(problems);
    if problems.is_empty() { Ok(()) } else { Err(ConfigError::Invalid { problems }.into()) }
}

/// Whether what the Terraform files don't tell has an answer all the same.
fn is_answered(draft: &Draft, problem: &Problem) -> bool {
    let mut asked = QUESTIONS.iter().zip(&draft.answers);
    asked.any(|(question, answer)| problem.is_about(question.key) && answer.is_some())
}
