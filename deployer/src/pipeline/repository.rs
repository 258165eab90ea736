//! Names of repositories, projects, branches and environments, as they may stand in the subject of an identity: nothing
//! that IAM reads as a pattern, nothing that ends a part of it.

use std::fmt;
use std::str::FromStr;

/// Not a name that can be trusted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoRepository(&'static str);

/// A repository on GitHub: `OWNER/REPO`, or with the numbers that GitHub knows them by: `OWNER@ID/REPO@ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
    ids: Option<(String, String)>,
}

impl Repository {
    /// The beginnings of its subjects: those of repositories from before July 15, 2026, which have names only, and those of
    /// later, renamed or moved ones, with numbers that never belong to anybody else. Numbers that aren't known are any.
    ///
    /// That opens no other repository: no owner's name has an `@`, and what stands behind the last `*` begins with a `:`,
    /// which no branch has and GitHub encodes in an environment's name.
    pub(super) fn subjects(&self) -> [String; 2] {
        let Self { owner, name, ids } = self;
        let (owner_id, id) = ids.as_ref().map_or(("*", "*"), |(owner, id)| (owner, id));
        [format!("repo:{owner}/{name}"), format!("repo:{owner}@{owner_id}/{name}@{id}")]
    }
}

impl FromStr for Repository {
    type Err = NoRepository;

    fn from_str(text: &str) -> Result<Self, NoRepository> {
        const FORM: NoRepository = NoRepository("must be OWNER/REPO, or OWNER@ID/REPO@ID");
        let (owner, name) = text.split_once('/').ok_or(FORM)?;
        let with_id = |text: &str| match text.split_once('@') {
            Some((name, id)) => (name.to_owned(), Some(id.to_owned())),
            None => (text.to_owned(), None),
        };
        let ((owner, owner_id), (name, id)) = (with_id(owner), with_id(name));
        let ids = match (owner_id, id) {
            (Some(owner), Some(id)) => Some((owner, id)),
            (None, None) => None,
            _ => return Err(FORM),
        };
        let is_number =
            |id: &String| !id.is_empty() && id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit());
        let right = is_name(&owner, 39, "-") && is_name(&name, 100, "-_.");
        match right && ids.iter().all(|(owner, id)| is_number(owner) && is_number(id)) {
            true => Ok(Self { owner, name, ids }),
            false => Err(FORM),
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, name, ids } = self;
        match ids {
            Some((owner_id, id)) => write!(f, "{owner}@{owner_id}/{name}@{id}"),
            None => write!(f, "{owner}/{name}"),
        }
    }
}

/// A project on gitlab.com: `GROUP/PROJECT`, with any number of subgroups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project(String);

impl FromStr for Project {
    type Err = NoRepository;

    fn from_str(text: &str) -> Result<Self, NoRepository> {
        let right =
            text.contains('/') && text.len() <= 255 && text.split('/').all(|part| is_name(part, 255, "-_."));
        if right { Ok(Self(text.to_owned())) } else { Err(NoRepository("must be GROUP/PROJECT")) }
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A branch.
///
/// # Errors
/// What Git, or the subject, doesn't take.
pub fn branch(text: &str) -> Result<String, NoRepository> {
    let right = text.split('/').all(|part| is_name(part, 255, "-_.+")) && text.len() <= 255;
    if right { Ok(text.to_owned()) } else { Err(NoRepository("must be a branch's name, such as main")) }
}

/// An environment.
///
/// # Errors
/// What the subject doesn't take as it is.
pub fn environment(text: &str) -> Result<String, NoRepository> {
    let right = is_name(text, 255, "-_. ") && text.trim() == text;
    let fault = NoRepository("must be an environment's name of letters, digits, `-`, `_`, `.` and spaces");
    if right { Ok(text.to_owned()) } else { Err(fault) }
}

fn is_name(text: &str, limit: usize, marks: &str) -> bool {
    (1..=limit).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}
