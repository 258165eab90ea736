//! What a tanets.toml out of Terraform files is told with. Pure: gives strings.

use std::fmt::Write;

use tanets_function::settings::Reference;

use super::text::{BOLD, YELLOW, paint};
use crate::config::Config;
use crate::migration::Migration;

/// The source, the commands to run next, and what changes.
pub fn migrated(migration: &Migration, config: &Config) -> String {
    let Migration { source, addresses, webhook_is_kept, differences, .. } = migration;
    let mut steps = Vec::new();
    if let (Reference::Ssm(name), false) = (&config.settings.webhook, webhook_is_kept) {
        steps.push((format!("tanets secret set {name}"), "keep the webhook there: its URL wasn't copied"));
    }
    let addresses = addresses.join(" ");
    steps.extend([
        ("tanets check".to_owned(), "is it right, and when will the digest come?"),
        ("tanets plan --adopt".to_owned(), "what would taking over change?"),
        ("tanets deploy --adopt".to_owned(), "take over role, function and rule, after a question"),
        (format!("terraform state rm {addresses}"), "then delete it from the files too"),
    ]);
    let mut text = format!("{source}.\n\n{}\n", paint(BOLD, "Next:"));
    let width = steps.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    for (command, why) in steps {
        let _ = writeln!(text, "  {command:<width$}  {why}");
    }
    let _ = writeln!(text, "\n{}", paint(BOLD, "What will be different from the old numbers and messages:"));
    for difference in differences {
        let _ = writeln!(text, "  {} {difference}", paint(YELLOW, "~"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;

    use super::*;
    use crate::init::Draft;

    #[test]
    fn the_commands_come_first_and_then_what_changes() {
        let answers = ["old", "rate(1 day)", "es.hoge", "a", "Fatal", "ssm:/tanets/slack-webhook"];
        let mut migration = Migration {
            source: "module.old in infra/main.tf:3".to_owned(),
            addresses: vec!["module.old".to_owned()],
            draft: Draft { answers: answers.map(|answer| Some(answer.to_owned())), more: Vec::new() },
            unknown: Vec::new(),
            left: Vec::new(),
            webhook_is_kept: false,
            webhook: None,
            differences: vec!["Counts: smaller.".to_owned()],
        };
        let config = Config::parse(&migration.draft.text(), Path::new("tanets.toml"), &|_| None)
            .expect("a configuration");
        let told = migrated(&migration, &config);
        assert_snapshot!(anstream::adapter::strip_str(&told), @"
        module.old in infra/main.tf:3.

        Next:
          tanets secret set /tanets/slack-webhook  keep the webhook there: its URL wasn't copied
          tanets check                             is it right, and when will the digest come?
          tanets plan --adopt                      what would taking over change?
          tanets deploy --adopt                    take over role, function and rule, after a question
          terraform state rm module.old            then delete it from the files too

        What will be different from the old numbers and messages:
          ~ Counts: smaller.
        ");
        migration.webhook_is_kept = true;
        assert!(!migrated(&migration, &config).contains("secret set"));
    }
}
