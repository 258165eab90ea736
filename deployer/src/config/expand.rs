//! `${NAME}` and `${NAME:-default}` in strings. It asks for a variable and never shows its value.

/// What a string became.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    pub text: String,
    /// Whether any of it came from a variable or its default.
    pub from_env: bool,
}

/// Why a string cannot be expanded. It names variables, never values.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpandError {
    #[error("needs the environment variable `{0}`, which is not set")]
    Unset(String),
    #[error("has a `${{` without its `}}`")]
    Open,
    #[error("has `${{…}}` with something else in it than a variable's name")]
    Name,
}

impl ExpandError {
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Unset(name) => format!("set it, or give a default: `${{{name}:-…}}`"),
            Self::Open | Self::Name => "write `${NAME}` or `${NAME:-default}`; `$${` is a plain `${`".into(),
        }
    }
}

/// Replaces each `${NAME}` by its variable, and `${NAME:-default}` by its variable unless that is unset or
/// empty, as a shell does. `$${` stands for `${`; any other `$` for itself.
pub(super) fn expand(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Expanded, ExpandError> {
    let mut expanded = Expanded { text: String::with_capacity(text.len()), from_env: false };
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            expanded.text.push_str(before);
            expanded.text.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        let (inside, after) = rest[at + 2..].split_once('}').ok_or(ExpandError::Open)?;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name || name.is_empty() || name.as_bytes()[0].is_ascii_digit() || inside.contains("${") {
            return Err(ExpandError::Name);
        }
        let value = env(name).filter(|value| default.is_none() || !value.is_empty());
        let value = value.or(default.map(str::to_owned)).ok_or_else(|| ExpandError::Unset(name.into()))?;
        expanded.text.push_str(&rest[..at]);
        expanded.text.push_str(&value);
        expanded.from_env = true;
        rest = after;
    }
    expanded.text.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_defaults_and_escapes_are_expanded() {
        let env = |name: &str| match name {
            "A" => Some("one".to_owned()),
            "_B2" => Some("${A}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let unset = |name: &str| Err(ExpandError::Unset(name.to_owned()));
        for (text, result) in [
            ("plain $ $5 {A}", Ok(("plain $ $5 {A}", false))),
            ("${A}", Ok(("one", true))),
            ("<${A}|${A}>", Ok(("<one|one>", true))),
            // What comes out of a variable is not expanded again.
            ("${_B2}", Ok(("${A}", true))),
            ("${NOT:-a b-:c}", Ok(("a b-:c", true))),
            ("${NOT:-}", Ok(("", true))),
            ("${EMPTY}", Ok(("", true))),
            ("${EMPTY:-x}", Ok(("x", true))),
            ("${A:-x}", Ok(("one", true))),
            ("$${A}", Ok(("${A}", false))),
            ("$$${A}", Ok(("$${A}", false))),
            ("$${ ${A}", Ok(("${ one", true))),
            ("${NOT}", unset("NOT")),
            ("${A} ${NOT}", unset("NOT")),
            ("${A", Err(ExpandError::Open)),
            ("${}", Err(ExpandError::Name)),
            ("${:-x}", Err(ExpandError::Name)),
            ("${1A}", Err(ExpandError::Name)),
            ("${A B}", Err(ExpandError::Name)),
            ("${NOT:-${A}}", Err(ExpandError::Name)),
        ] {
            let result = result.map(|(text, from_env)| Expanded { text: text.to_owned(), from_env });
            assert_eq!(expand(text, &env), result, "{text}");
        }
    }
}
