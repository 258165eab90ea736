//! What stands behind a name in a file, and what it comes to.

use hcl::Value;
use hcl::eval::Evaluate;
use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;

use super::{File, Folder, TopBlock};
use crate::config::quote;

/// Locals that refer to one another, at most: Terraform refuses a circle.
const DEPTH: usize = 16;

/// What stands behind a name.
#[derive(Clone, Debug)]
pub enum Term<'a> {
    /// An expression, in its file.
    Expression(&'a File, &'a Expression),
    /// A block, in its file.
    Block(&'a File, &'a Body),
    /// A value out of a map, and where that stands.
    Value(String, Value),
}

/// What a map has, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct Entries<'a> {
    /// The names, and what stands behind them.
    pub known: Vec<(String, Term<'a>)>,
    /// Parts and names that aren't known.
    pub unknown: Vec<Unknown>,
}

/// What can't be told without Terraform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {expression} isn't known without Terraform")]
pub struct Unknown {
    /// Its file and line.
    pub place: String,
    /// As it is written, unless it looks secret.
    pub expression: String,
}

impl Folder {
    /// What a term comes to.
    ///
    /// # Errors
    /// If it isn't known here.
    pub fn value(&self, term: &Term<'_>) -> Result<Value, Unknown> {
        match term {
            Term::Value(_, value) => Ok(value.clone()),
            Term::Expression(_, expression) => {
                let expression = hcl::Expression::from(bare(expression).clone());
                expression.evaluate(&self.context).map_err(|_| term.unknown())
            }
            Term::Block(file, body) => {
                let entries = entries(file, body).into_iter();
                entries.map(|(name, term)| Ok((name, self.value(&term)?))).collect()
            }
        }
    }

    /// The string that a term comes to; numbers and truths as Terraform writes them, and lists with commas.
    ///
    /// # Errors
    /// If it isn't known here, or no string.
    pub fn text(&self, term: &Term<'_>) -> Result<String, Unknown> {
        match self.value(term)? {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            Value::Array(items) => {
                let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                items.map(|items| items.join(",")).ok_or_else(|| term.unknown())
            }
            Value::Null | Value::Object(_) => Err(term.unknown()),
        }
    }

    /// The entries of a map, each by itself: one that isn't known doesn't hide the others, and neither does a part that isn't.
    pub fn entries<'a>(&'a self, term: &Term<'a>) -> Entries<'a> {
        self.entries_within(term, DEPTH)
    }

    fn entries_within<'a>(&'a self, term: &Term<'a>, depth: usize) -> Entries<'a> {
        let Some(depth) = depth.checked_sub(1) else { return term.unknown().into() };
        match term {
            Term::Block(file, body) => return entries(file, body).into(),
            Term::Expression(file, expression) => match bare(expression) {
                Expression::Object(object) => {
                    let mut entries = Entries::default();
                    for (key, value) in object.iter() {
                        match self.name(file, key) {
                            Ok(name) => entries.known.push((name, Term::Expression(file, value.expr()))),
                            Err(unknown) => entries.unknown.push(unknown),
                        }
                    }
                    return entries;
                }
                Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
                    let mut merged = Entries::default();
                    for argument in call.args.iter() {
                        let part = self.entries_within(&Term::Expression(file, argument), depth);
                        merged.unknown.extend(part.unknown);
                        for (name, term) in part.known {
                            merged.known.retain(|(known, _)| *known != name);
                            merged.known.push((name, term));
                        }
                    }
                    return merged;
                }
                expression => {
                    if let [root, name] = path(expression)[..]
                        && root == "local"
                    {
                        return match self.blocks("locals").find_map(|block| block.entry(name)) {
                            Some(local) => self.entries_within(&local, depth),
                            None => term.unknown().into(),
                        };
                    }
                }
            },
            Term::Value(..) => {}
        }
        match self.value(term) {
            Ok(Value::Object(map)) => {
                let entry = |(name, value)| (name, Term::Value(term.place(), value));
                Vec::from_iter(map.into_iter().map(entry)).into()
            }
            _ => term.unknown().into(),
        }
    }

    /// The keys of a map, or what is in a set of strings; none if they aren't all known.
    pub fn keys(&self, term: &Term<'_>) -> Option<Vec<String>> {
        match self.value(term) {
            Ok(Value::Array(items)) => items.iter().map(|item| Some(item.as_str()?.to_owned())).collect(),
            _ => {
                let Entries { known, unknown } = self.entries(term);
                unknown.is_empty().then(|| known.into_iter().map(|(name, _)| name).collect())
            }
        }
    }

    /// The name that a key of an object stands for.
    fn name(&self, file: &File, key: &ObjectKey) -> Result<String, Unknown> {
        match key {
            ObjectKey::Ident(ident) => Ok(ident.to_string()),
            ObjectKey::Expression(expression) => self.text(&Term::Expression(file, expression)),
        }
    }

    /// The block that an expression takes an attribute of: `data.KIND.NAME.ATTRIBUTE` or `KIND.NAME.ATTRIBUTE`, and the
    /// attribute.
    pub fn source<'a>(&'a self, term: &Term<'a>) -> Option<(TopBlock<'a>, &'a str)> {
        let Term::Expression(_, expression) = term else { return None };
        let path = path(bare(expression));
        let (kind, labels, attribute) = match path[..] {
            ["data", kind, name, attribute] => ("data", [kind, name], attribute),
            [kind, name, attribute] => ("resource", [kind, name], attribute),
            _ => return None,
        };
        let block = self.blocks(kind).find(|block| [block.label(0), block.label(1)] == labels)?;
        Some((block, attribute))
    }
}

impl<'a> From<Vec<(String, Term<'a>)>> for Entries<'a> {
    fn from(known: Vec<(String, Term<'a>)>) -> Self {
        Self { known, unknown: Vec::new() }
    }
}

impl From<Unknown> for Entries<'_> {
    fn from(unknown: Unknown) -> Self {
        Self { known: Vec::new(), unknown: vec![unknown] }
    }
}

impl Term<'_> {
    /// Its file and line.
    pub fn place(&self) -> String {
        match self {
            Self::Expression(file, expression) => file.place(*expression),
            Self::Block(file, body) => file.place(*body),
            Self::Value(place, _) => place.clone(),
        }
    }

    /// The names of `a.b.c`; empty for anything else.
    pub fn path(&self) -> Vec<&str> {
        match self {
            Self::Expression(_, expression) => path(bare(expression)),
            Self::Block(..) | Self::Value(..) => Vec::new(),
        }
    }

    /// That it isn't known.
    pub fn unknown(&self) -> Unknown {
        let expression = match self {
            Self::Expression(file, expression) => {
                let span = expression.span().unwrap_or_default();
                quote(file.text.get(span).unwrap_or_default().lines().next().unwrap_or_default())
            }
            Self::Block(..) => "a block".to_owned(),
            Self::Value(..) => "a value that is no string".to_owned(),
        };
        Unknown { place: self.place(), expression }
    }
}

/// The entries of a body.
pub(super) fn entries<'a>(file: &'a File, body: &'a Body) -> Vec<(String, Term<'a>)> {
    let entries = body.iter().map(|structure| match structure {
        Structure::Attribute(attribute) => {
            (attribute.key.to_string(), Term::Expression(file, &attribute.value))
        }
        Structure::Block(block) => (block.ident.to_string(), Term::Block(file, &block.body)),
    });
    entries.collect()
}

/// An expression without parentheses and without the `"${…}"` that old versions need around it.
fn bare(expression: &Expression) -> &Expression {
    match expression {
        Expression::Parenthesis(inner) => bare(inner.inner()),
        Expression::StringTemplate(template) => match template.as_single_element() {
            Some(Element::Interpolation(inner)) => bare(&inner.expr),
            _ => expression,
        },
        _ => expression,
    }
}

/// The names of `a.b.c`, without the numbers of `a.b[0].c`; empty for anything else.
fn path(expression: &Expression) -> Vec<&str> {
    let Expression::Traversal(traversal) = expression else { return Vec::new() };
    let Some(root) = traversal.expr.as_variable() else { return Vec::new() };
    let names = traversal.operators.iter().filter_map(|operator| match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        _ => None,
    });
    std::iter::once(root.as_str()).chain(names).collect()
}
