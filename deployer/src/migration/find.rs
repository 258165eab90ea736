//! Which block is the old module's.

use crate::terraform::{Folder, Term, TopBlock};

/// Why there is nothing to take over.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No block is the module's.
    #[error("none of the modules is the old one: {}", none_or_list(.0))]
    None(Vec<String>),
    /// More than one.
    #[error("more than one of the modules may be meant: {}", .0.join(", "))]
    Several(Vec<String>),
}

impl MigrationError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::None(_) => {
                "the old module has `tanets` in its `source`, or the argument `notify_schedule`; name another with \
                 `--module NAME`, or give the folder that has its block"
            }
            Self::Several(_) => "choose one with `--module NAME`; each becomes a tanets.toml of its own",
        }
    }
}

fn none_or_list(modules: &[String]) -> String {
    if modules.is_empty() { "there is no module here".to_owned() } else { modules.join(", ") }
}

/// The block's arguments, wherever they stand.
pub(super) struct Old<'a> {
    /// For people: `module.tanets in main.tf:3`.
    pub source: String,
    /// Its file and line.
    pub place: String,
    /// What Terraform's state has of it.
    pub addresses: Vec<String>,
    pub arguments: Vec<(String, Term<'a>)>,
}

/// The old module's block, or the folder that is the module itself.
pub(super) fn find<'a>(folder: &'a Folder, module: Option<&str>) -> Result<Old<'a>, MigrationError> {
    let fits = |block: &TopBlock<'_>| match module {
        Some(name) => block.label(0) == name,
        None => is_the_module(folder, block),
    };
    let found = Vec::from_iter(folder.blocks("module").filter(fits));
    let told = |block: &TopBlock<'_>| format!("module.{} in {}", block.label(0), block.place());
    match found.as_slice() {
        [block] => Ok(Old {
            source: told(block),
            place: block.place(),
            addresses: vec![address(folder, block)],
            arguments: block.entries(),
        }),
        [] => {
            let variables = ["name", "notify_schedule", "environment"];
            let itself = variables.map(|name| Some((name.to_owned(), folder.variable(name)?)));
            match itself {
                [Some(name), Some(schedule), Some(environment)] if module.is_none() => Ok(Old {
                    source: format!("the module itself, by the variables in {}", environment.1.place()),
                    place: environment.1.place(),
                    addresses: folder
                        .blocks("module")
                        .map(|block| format!("module.{}", block.label(0)))
                        .collect(),
                    arguments: vec![name, schedule, environment],
                }),
                _ => Err(MigrationError::None(folder.blocks("module").map(|block| told(&block)).collect())),
            }
        }
        several => Err(MigrationError::Several(several.iter().map(told).collect())),
    }
}

/// What stands for an instance that isn't known, with `for_each` and with `count`.
const UNNAMED: [&str; 2] = ["[\"KEY\"]", "[NUMBER]"];

/// Whether it isn't known which instance of a module this is.
pub(super) fn is_unnamed(address: &str) -> bool {
    UNNAMED.iter().any(|unnamed| address.ends_with(unnamed))
}

/// What Terraform's state has of a block: with `for_each` or `count` one instance, as a tanets.toml takes over no more.
fn address(folder: &Folder, block: &TopBlock<'_>) -> String {
    let [key, number] = UNNAMED.map(str::to_owned);
    let instance = match (block.entry("for_each"), block.entry("count")) {
        (Some(each), _) => match folder.keys(&each).as_deref() {
            // In Terraform's quotes these two begin what is computed.
            Some([only]) => format!("[{only:?}]").replace("${", "$${").replace("%{", "%%{"),
            _ => key,
        },
        (None, Some(count)) => match folder.text(&count).as_deref() {
            Ok("1") => "[0]".to_owned(),
            _ => number,
        },
        (None, None) => String::new(),
    };
    format!("module.{}{instance}", block.label(0))
}

fn is_the_module(folder: &Folder, block: &TopBlock<'_>) -> bool {
    let source = block.entry("source").and_then(|source| folder.text(&source).ok()).unwrap_or_default();
    let environment = || {
        let entries = folder.entries(&block.entry("environment")?);
        Some(entries.known.iter().any(|(name, _)| name == "ES_ENDPOINT"))
    };
    source.contains("tanets") || block.entry("notify_schedule").is_some() || environment() == Some(true)
}
