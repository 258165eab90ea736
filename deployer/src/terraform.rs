//! A folder of Terraform files, as far as it says something without Terraform: blocks, variables with their values, locals,
//! and the few functions that settings are made with. Runs nothing, writes nothing, and knows no module.

mod term;
mod value;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hcl::eval::Context;
use hcl::{Map, Value};
use hcl_edit::Span;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, Body};

pub use term::{Entries, Term, Unknown};

/// Why a folder says nothing.
#[derive(Debug, thiserror::Error)]
pub enum TerraformError {
    /// It, or a file of it, can't be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file isn't Terraform's language. The line itself isn't shown: nobody knows what is a secret there.
    #[error("{}:{line}:{column}: isn't Terraform's language: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's words.
        message: String,
    },
}

/// One parsed file.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    text: String,
    body: Body,
}

/// The files of a folder, and the values of its variables and locals.
#[derive(Debug)]
pub struct Folder {
    files: Vec<File>,
    variables: Map<String, Value>,
    context: Context<'static>,
    /// Files that Terraform reads, and that aren't read here.
    pub unread: Vec<PathBuf>,
}

/// A block at the top of a file.
#[derive(Clone, Copy, Debug)]
pub struct TopBlock<'a> {
    file: &'a File,
    block: &'a Block,
}

impl Folder {
    /// Reads `*.tf` and the files of values. `env` answers for `TF_VAR_NAME`.
    ///
    /// # Errors
    /// If something can't be read, or isn't what it should be.
    pub fn read(dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, TerraformError> {
        let unreadable = |source| TerraformError::Read { path: dir.to_owned(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            paths.push(entry.map_err(unreadable)?.path());
        }
        // Terraform's own order, in which later values go before earlier ones.
        paths.sort();
        let (mut files, mut unread, mut of_values) = (Vec::new(), Vec::new(), Vec::new());
        for path in paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let overrides = name == "override.tf" || name.ends_with("_override.tf");
            let is_blocks = name.ends_with(".tf") || name.ends_with(".tf.json");
            // As Terraform does: hidden files are editors' and archives', and a folder's name means nothing.
            if is_blocks && (name.starts_with('.') || path.is_dir()) {
                continue;
            }
            if overrides || name.ends_with(".tf.json") {
                unread.push(path);
            } else if name.ends_with(".tf") {
                files.push(File::read(path)?);
            } else if let Some(rank) = value::rank(name) {
                of_values.push((rank, path));
            }
        }
        of_values.sort();
        let mut folder = Self { files, variables: Map::new(), context: Context::new(), unread };
        folder.variables = folder.defaults_and_environment(env);
        for (_, path) in of_values {
            folder.variables.extend(value::read(path)?);
        }
        folder.declare();
        Ok(folder)
    }

    /// A declared variable, with its value.
    pub fn variable(&self, name: &str) -> Option<Term<'_>> {
        let declared = self.blocks("variable").find(|block| block.label(0) == name)?;
        Some(Term::Value(declared.place(), self.variables.get(name)?.clone()))
    }

    /// The blocks of a kind, such as `module`.
    pub fn blocks(&self, kind: &str) -> impl Iterator<Item = TopBlock<'_>> {
        self.files.iter().flat_map(move |file| {
            file.body
                .blocks()
                .filter(move |block| block.ident.as_str() == kind)
                .map(move |block| TopBlock { file, block })
        })
    }

    /// What a variable is without anybody's values, and what the environment says.
    fn defaults_and_environment(&self, env: &dyn Fn(&str) -> Option<String>) -> Map<String, Value> {
        let mut values = Map::new();
        for variable in self.blocks("variable") {
            let name = variable.label(0);
            let default = variable.entry("default").and_then(|default| self.value(&default).ok());
            let value = match env(&format!("TF_VAR_{name}")) {
                Some(text) => value::of_variable(text, &variable),
                None => default,
            };
            values.extend(value.map(|value| (name.to_owned(), value)));
        }
        values
    }

    /// Makes variables known, then whatever locals can be told of them.
    fn declare(&mut self) {
        self.context = value::functions();
        self.context.declare_var("var", Value::Object(self.variables.clone()));
        let mut locals = Map::new();
        loop {
            self.context.declare_var("local", Value::Object(locals.clone()));
            let entries = self.blocks("locals").flat_map(|block| block.entries());
            let known = entries.filter_map(|(name, term)| Some((name, self.value(&term).ok()?)));
            let known = Map::from_iter(known);
            if known.len() == locals.len() {
                return;
            }
            locals = known;
        }
    }
}

impl File {
    fn read(path: PathBuf) -> Result<Self, TerraformError> {
        let text = match fs::read_to_string(&path) {
            // Editors on Windows begin a file with a mark, which Terraform skips.
            Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
            Err(source) => return Err(TerraformError::Read { path, source }),
        };
        match parse_body(&text) {
            Ok(body) => Ok(Self { path, text, body }),
            Err(error) => {
                let (line, column) = (error.location().line(), error.location().column());
                // The parser says both of them again, and more than a line.
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                Err(TerraformError::Syntax { path, line, column, message })
            }
        }
    }

    /// `main.tf:3`
    fn place(&self, part: &impl Span) -> String {
        format!("{}:{}", self.path.display(), self.line_and_column(part).0)
    }

    /// Both from 1.
    fn line_and_column(&self, part: &impl Span) -> (usize, usize) {
        let start = part.span().map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    fn refuse(&self, part: &impl Span, message: &str) -> TerraformError {
        let (line, column) = self.line_and_column(part);
        TerraformError::Syntax { path: self.path.clone(), line, column, message: message.to_owned() }
    }
}

impl<'a> TopBlock<'a> {
    /// A label, from 0; empty if there is none.
    pub fn label(&self, index: usize) -> &'a str {
        self.block.labels.get(index).map_or("", |label| label.as_str())
    }

    /// Its file and line.
    pub fn place(&self) -> String {
        self.file.place(self.block)
    }

    /// What stands under a name.
    pub fn entry(&self, name: &str) -> Option<Term<'a>> {
        self.entries().into_iter().find(|(known, _)| known == name).map(|(_, term)| term)
    }

    /// All that stands in it: `name = value`, and `name { … }` as old versions have it.
    pub fn entries(&self) -> Vec<(String, Term<'a>)> {
        term::entries(self.file, &self.block.body)
    }
}
