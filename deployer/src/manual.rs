//! What follows from the command line's types: completions for shells, and man pages. Writes no file.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// The script that completes `tanets` in a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tanets", &mut script);
    script
}

/// The man pages of section 1, `tanets` and one a verb: file name and roff.
///
/// # Errors
/// None: a `Vec` takes all that is written to it.
pub fn man_pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = Cli::command();
    // Gives each verb the global options and its full name.
    root.build();
    let verbs = root.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
    std::iter::once(&root).chain(verbs).cloned().map(page).collect()
}

fn page(command: clap::Command) -> io::Result<(String, Vec<u8>)> {
    let man = Man::new(command);
    let mut roff = Vec::new();
    man.render(&mut roff)?;
    Ok((man.get_filename(), roff))
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

    #[test]
    fn there_is_a_page_for_tanets_and_for_each_verb_with_its_options() {
        let pages = man_pages().unwrap();
        let names = Vec::from_iter(pages.iter().map(|(name, _)| name.clone()));
        let verbs = Cli::command();
        let verbs = verbs.get_subcommands().map(|verb| format!("tanets-{}.1", verb.get_name()));
        assert_eq!(names, Vec::from_iter(std::iter::once("tanets.1".to_owned()).chain(verbs)));
        let (_, deploy) = pages.iter().find(|(name, _)| name == "tanets-deploy.1").unwrap();
        let deploy = String::from_utf8(deploy.clone()).unwrap();
        for said in ["tanets deploy", r"\-\-adopt", r"\-\-region", "Makes the account match"] {
            assert!(deploy.contains(said), "{said} in {deploy}");
        }
    }
}
