//! What follows from the command line's types: completions for shells, and man pages. Writes no file.

use std::io;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// The script that completes `tanets` in a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tanets", &mut script);
    script
}

/// The man pages of section 1, `tanets` and one a verb, whatever its depth: file name and roff.
///
/// # Errors
/// None: a `Vec` takes all that is written to it.
pub fn man_pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    // The commit and the function inside are this build's, and no page's.
    let mut root = without_help(Cli::command().long_version(None::<&str>));
    // Gives each verb the global options and its full name.
    root.build();
    let mut pages = Vec::new();
    add_pages(&root, &mut pages)?;
    Ok(pages)
}

/// `help` has no page: `--help` is on each.
fn without_help(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

fn add_pages(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    pages.push(page(command.clone())?);
    command.get_subcommands().filter(|verb| !verb.is_hide_set()).try_for_each(|verb| add_pages(verb, pages))
}

/// Like [`Man::render`], whose lines of examples would run together, and whose footer would name the verb.
fn page(command: Command) -> io::Result<(String, Vec<u8>)> {
    let more = command.get_after_help().map(|help| more(&help.to_string())).unwrap_or_default();
    let has_verbs = command.has_subcommands();
    let source = format!("tanets {}", command.get_version().unwrap_or_default());
    let man = Man::new(command).source(source);
    let mut roff = Vec::new();
    man.render_title(&mut roff)?;
    // Lines that are stretched would put spaces into expressions that people copy.
    roff.extend(b".ad l\n");
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    man.render_options_section(&mut roff)?;
    if has_verbs {
        man.render_subcommands_section(&mut roff)?;
    }
    roff.extend(more.bytes());
    man.render_version_section(&mut roff)?;
    Ok((man.get_filename(), roff))
}

/// What stands after the options of a `--help`: a title with indented lines becomes a section whose lines stay as they are.
fn more(help: &str) -> String {
    let paragraphs = help.trim().split("\n\n").map(|paragraph| match paragraph.split_once(":\n") {
        Some((title, lines)) => {
            let (title, about) = title.split_once(" (").unwrap_or((title, ""));
            let about = if about.is_empty() { String::new() } else { format!("({}:\n", escaped(about)) };
            format!(".SH {}\n{about}.nf\n{}\n.fi\n", title.to_uppercase(), escaped(lines))
        }
        None => format!(".PP\n{}\n", escaped(paragraph)),
    });
    paragraphs.collect()
}

/// Text in which roff reads no command, and keeps what shells read.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    let lines =
        text.lines().map(|line| if line.starts_with('.') { format!("\\&{line}") } else { line.to_owned() });
    Vec::from_iter(lines).join("\n")
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn each_shell_completes_each_verb() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for verb in Cli::command().get_subcommands() {
                assert!(script.contains(verb.get_name()), "{shell}: {}", verb.get_name());
            }
        }
    }

    fn text(name: &str) -> String {
        let pages = man_pages().unwrap();
        let (_, page) =
            pages.into_iter().find(|(other, _)| other == name).unwrap_or_else(|| panic!("{name}"));
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn there_is_a_page_for_tanets_and_for_each_verb_with_its_options() {
        let pages = man_pages().unwrap();
        let names = Vec::from_iter(pages.iter().map(|(name, _)| name.as_str()));
        for verb in Cli::command().get_subcommands() {
            assert!(names.contains(&format!("tanets-{}.1", verb.get_name()).as_str()), "{names:?}");
        }
        for (name, said) in [
            (
                "tanets-deploy.1",
                &["tanets deploy", r"\-\-adopt", r"\-\-region", "Makes the account match"][..],
            ),
            ("tanets-secret-set.1", &["tanets secret set", r"\-\-kms\-key", r"\-\-yes", r"\-\-region"]),
            ("tanets-secret-check.1", &["tanets secret check", "Never shows it"]),
        ] {
            let page = text(name);
            said.iter().for_each(|said| assert!(page.contains(said), "{said} in {page}"));
        }
    }

    #[test]
    fn each_page_that_a_page_names_is_there() {
        let pages = man_pages().unwrap();
        let named = |page: &str| {
            let names = page.lines().filter_map(|line| line.strip_suffix("(1)"));
            Vec::from_iter(names.map(|name| format!("{}.1", name.replace("\\-", "-"))))
        };
        let named = Vec::from_iter(pages.iter().flat_map(|(_, page)| named(&String::from_utf8_lossy(page))));
        assert!(named.len() > 12, "{named:?}");
        for name in named {
            assert!(pages.iter().any(|(page, _)| *page == name), "{name}");
        }
    }

    #[test]
    fn examples_keep_their_lines_and_each_footer_is_of_tanets() {
        let version = env!("CARGO_PKG_VERSION");
        let secret = text("tanets-secret.1");
        assert!(secret.contains(&format!(".TH tanets-secret 1  \"tanets {version}\"")), "{secret}");
        assert!(secret.ends_with(&format!(".SH VERSION\nv{version}\n")), "{secret}");
        insta::assert_snapshot!(more(
            "Examples:\n  tanets init --webhook 'ssm:/x' \\\n    --force\n.\n\nNot `so`.\n\nExit codes:\n    0  done\n\nExample (so):\n  a"
        ), @r"
        .SH EXAMPLES
        .nf
          tanets init \-\-webhook \(aqssm:/x\(aq \e
            \-\-force
        \&.
        .fi
        .PP
        Not \(gaso\(ga.
        .SH EXIT CODES
        .nf
            0  done
        .fi
        .SH EXAMPLE
        (so):
        .nf
          a
        .fi
        ");
    }
}
