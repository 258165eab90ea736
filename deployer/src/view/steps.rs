//! What to run after `init`, as a shell takes it. Pure: gives strings.

use std::fmt::Write;
use std::path::Path;

use tanets_function::preview::columns;
use tanets_function::settings::Reference;

use crate::cli::DEFAULT_CONFIG;
use crate::config::Config;

/// Columns of a window that nobody has made wider.
const WINDOW: usize = 80;

/// What follows a first tanets.toml, which is in this file.
pub fn first_steps(path: &Path, config: &Config) -> String {
    let mut steps = Vec::new();
    if let Reference::Ssm(_) = &config.settings.webhook {
        let why = "keep the webhook in Parameter Store; asks for it, hidden";
        steps.push((command("secret set", path), why));
    }
    steps.extend([
        (command("check", path), "is it right, and when will the digest come?"),
        (command("plan", path), "what would a deploy change?"),
        (command("deploy", path), "make it so, after a question"),
    ]);
    format!("Next:\n{}", listed(&steps))
}

/// A command on this file.
pub fn command(verb: &str, path: &Path) -> String {
    match path == Path::new(DEFAULT_CONFIG) {
        true => format!("tanets {verb}"),
        false => format!("tanets {verb} -c {}", word(&path.display().to_string())),
    }
}

/// A word as a shell takes it.
pub fn word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Commands, and beside each what it is for; below it where the columns would be too wide, and fold into each other.
pub fn listed(steps: &[(String, &str)]) -> String {
    let width = |of: &dyn Fn(&(String, &str)) -> usize| steps.iter().map(of).max().unwrap_or_default();
    let (left, right) = (width(&|(command, _)| columns(command)), width(&|(_, why)| columns(why)));
    let mut text = String::new();
    for (command, why) in steps {
        let _ = match left + right + 4 <= WINDOW {
            true => writeln!(text, "  {command}{:1$}  {why}", "", left - columns(command)),
            false => writeln!(text, "  {command}\n    {why}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::init::Draft;

    #[test]
    fn the_steps_name_the_file_and_stay_in_columns_or_below_each_other() {
        let told = |path: &str| {
            let path = Path::new(path);
            let config =
                Config::parse(&Draft::of_examples().text(), path, &|_| None).expect("a configuration");
            first_steps(path, &config)
        };
        assert_snapshot!(told("tanets.toml"), @"
        Next:
          tanets secret set  keep the webhook in Parameter Store; asks for it, hidden
          tanets check       is it right, and when will the digest come?
          tanets plan        what would a deploy change?
          tanets deploy      make it so, after a question
        ");
        assert_snapshot!(told("the team's/本番.toml"), @r"
        Next:
          tanets secret set -c 'the team'\''s/本番.toml'
            keep the webhook in Parameter Store; asks for it, hidden
          tanets check -c 'the team'\''s/本番.toml'
            is it right, and when will the digest come?
          tanets plan -c 'the team'\''s/本番.toml'
            what would a deploy change?
          tanets deploy -c 'the team'\''s/本番.toml'
            make it so, after a question
        ");
    }

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (plain, quoted) in [
            ("prod/a-1.toml", "prod/a-1.toml"),
            ("module.tanets[\"a\"]", "'module.tanets[\"a\"]'"),
            ("~/a b.toml", "'~/a b.toml'"),
            ("", "''"),
        ] {
            assert_eq!(word(plain), quoted);
        }
    }
}
