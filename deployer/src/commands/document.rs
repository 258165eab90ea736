//! `tanets completions`, `man` and `schema`: texts that depend on nothing but this tanets.

use std::fs;
use std::path::Path;

use clap_complete::Shell;

use crate::config::SCHEMA_TEXT;
use crate::exit::{Exit, Failure};
use crate::manual;
use crate::view::View;

pub(super) fn completions(shell: Shell, view: &dyn View) -> Exit {
    view.document("completions", &String::from_utf8_lossy(&manual::completions(shell)));
    Exit::Done
}

pub(super) fn schema(view: &dyn View) -> Exit {
    view.document("schema", SCHEMA_TEXT);
    Exit::Done
}

/// The page of `tanets`; with a folder, all pages, into it.
pub(super) fn man(folder: Option<&Path>, view: &dyn View) -> Result<Exit, Failure> {
    let unwritten = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::Write { path, source }
    };
    let pages = manual::man_pages().map_err(unwritten(Path::new("the man pages")))?;
    match folder {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(unwritten(folder))?;
            for (name, page) in &pages {
                let path = folder.join(name);
                fs::write(&path, page).map_err(unwritten(&path))?;
            }
        }
        None => {
            for (_, page) in pages.iter().take(1) {
                view.document("man", &String::from_utf8_lossy(page));
            }
        }
    }
    Ok(Exit::Done)
}
