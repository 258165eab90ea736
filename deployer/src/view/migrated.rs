//! What a tanets.toml out of Terraform files is told with. Pure: gives strings.

use std::fmt::Write;
use std::path::Path;

use tanets_function::settings::Reference;

use super::steps::{command, listed, word};
use super::text::{BOLD, YELLOW, paint};
use crate::config::Config;
use crate::migration::Migration;

/// The source, the commands to run next on this file, and what changes.
pub fn migrated(migration: &Migration, path: &Path, config: &Config) -> String {
    let Migration { source, addresses, webhook_is_kept, differences, .. } = migration;
    let mut steps = Vec::new();
    if let (Reference::Ssm(name), false) = (&config.settings.webhook, webhook_is_kept) {
        let verb = format!("secret set {}", word(name));
        steps.push((command(&verb, path), "keep the webhook: it wasn't copied"));
    }
    let addresses = Vec::from_iter(addresses.iter().map(|address| word(address))).join(" ");
    steps.extend([
        (command("check", path), "is it right, and when does it run?"),
        (command("plan --adopt", path), "what would taking over change?"),
        (command("deploy --adopt", path), "take over role, function and rule"),
        (format!("terraform state rm {addresses}"), "then take it out of the files too"),
    ]);
    let mut text = format!("{source}.\n\n{}\n{}", paint(BOLD, "Next:"), listed(&steps));
    let _ = writeln!(text, "\n{}", paint(BOLD, "What will be different from the old numbers and messages:"));
    for difference in differences {
        let _ = writeln!(text, "  {} {difference}", paint(YELLOW, "~"));
    }
    text
}

#[cfg(test)]
mod tests {
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
        let path = Path::new("tanets.toml");
        let config = Config::parse(&migration.draft.text(), path, &|_| None).expect("a configuration");
        let told = migrated(&migration, path, &config);
        assert_snapshot!(anstream::adapter::strip_str(&told), @"
        module.old in infra/main.tf:3.

        Next:
          tanets secret set /tanets/slack-webhook  keep the webhook: it wasn't copied
          tanets check                             is it right, and when does it run?
          tanets plan --adopt                      what would taking over change?
          tanets deploy --adopt                    take over role, function and rule
          terraform state rm module.old            then take it out of the files too

        What will be different from the old numbers and messages:
          ~ Counts: smaller.
        ");
        migration.webhook_is_kept = true;
        assert!(!migrated(&migration, path, &config).contains("secret set"));
        migration.addresses = vec!["module.old[\"a\"]".to_owned()];
        let told = migrated(&migration, Path::new("prod.toml"), &config);
        for step in ["plan --adopt -c prod.toml", "deploy --adopt -c prod.toml", "rm 'module.old[\"a\"]'"] {
            assert!(told.contains(step), "{step} in {told}");
        }
    }
}
