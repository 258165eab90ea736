//! What Slack takes in an incoming webhook's payload, as documented. Stricter than the documents in one thing: a
//! property that they do not name is refused. Blocks that the product does not send are not known here.
//!
//! Sources: docs.slack.dev "Block Kit" reference (one page a block), "Sending messages using incoming webhooks",
//! "Truncating really long messages"; the error names are from the changelog of 2016-05-17. Lengths are counted in
//! characters.

use serde_json::Value;

/// Characters of the message's `text` that are kept; the rest is cut, not refused.
pub const TEXT: usize = 40_000;
/// Blocks of a message.
pub const BLOCKS: usize = 50;
/// Attachments of a message.
pub const ATTACHMENTS: usize = 100;
/// Characters of all `markdown` blocks of a message together.
pub const MARKDOWN: usize = 12_000;
/// Characters of a `block_id`.
pub const BLOCK_ID: usize = 255;

/// What a property may hold.
#[derive(Clone, Copy)]
enum Rule {
    /// A string of 1 to so many characters.
    Characters(usize),
    /// A `plain_text` object of 1 to so many characters.
    Plain(usize),
    /// A text object of either kind, of 1 to so many characters.
    Text(usize),
    /// A list of 1 to so many such values.
    List(usize, &'static Rule),
    /// An object whose `type` is in the table.
    Typed(Table),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An object with these properties and no `type`.
    Shape(&'static [Property]),
    /// A number.
    Number,
    /// A boolean.
    Flag,
    /// An object that is not looked into.
    Object,
}

/// Name, whether it must be there, and what it may hold.
type Property = (&'static str, bool, Rule);
type Table = &'static [(&'static str, &'static [Property])];

const MUST: bool = true;
const MAY: bool = false;

/// The blocks of a message; `type` and `block_id` are checked for all of them.
const BLOCK: Table = &[
    ("header", &[("text", MUST, Rule::Plain(150))]),
    (
        "section", // and one of text and fields
        &[
            ("text", MAY, Rule::Text(3000)),
            ("fields", MAY, Rule::List(10, &Rule::Text(2000))),
            ("accessory", MAY, Rule::Typed(ELEMENT)),
            ("expand", MAY, Rule::Flag),
        ],
    ),
    ("context", &[("elements", MUST, Rule::List(10, &Rule::Typed(CONTEXT)))]),
    ("actions", &[("elements", MUST, Rule::List(25, &Rule::Typed(ELEMENT)))]),
    ("divider", &[]),
    (
        "image", // and one of image_url and slack_file
        &[
            ("alt_text", MUST, Rule::Characters(2000)),
            ("image_url", MAY, Rule::Characters(3000)),
            ("slack_file", MAY, Rule::Object),
            ("title", MAY, Rule::Plain(2000)),
        ],
    ),
    ("markdown", &[("text", MUST, Rule::Characters(MARKDOWN))]),
    ("rich_text", &[("elements", MUST, Rule::List(usize::MAX, &Rule::Typed(RICH)))]),
    // Since 2026-06-16; and the categories, see `same_categories`.
    ("data_visualization", &[("title", MUST, Rule::Characters(50)), ("chart", MUST, Rule::Typed(CHART))]),
    (
        "table",
        &[
            ("rows", MUST, Rule::List(100, &Rule::List(20, &Rule::Typed(CELL)))),
            ("column_settings", MAY, Rule::List(20, &Rule::Shape(COLUMN))),
        ],
    ),
];

/// Charts of a message: not documented, found by others (vercel/chat#696).
pub const CHARTS: usize = 2;
/// Tables of a message.
pub const TABLES: usize = 1;

/// The kinds of charts over categories.
const CHART: Table = &[("bar", XY), ("line", XY), ("area", XY)];

const XY: &[Property] =
    &[("series", MUST, Rule::List(6, &Rule::Shape(SERIES))), ("axis_config", MUST, Rule::Shape(AXIS))];

const SERIES: &[Property] =
    &[("name", MUST, Rule::Characters(20)), ("data", MUST, Rule::List(20, &Rule::Shape(POINT)))];

const POINT: &[Property] = &[("label", MUST, Rule::Characters(20)), ("value", MUST, Rule::Number)];

const AXIS: &[Property] = &[
    ("categories", MUST, Rule::List(20, &Rule::Characters(20))),
    ("x_label", MAY, Rule::Characters(50)),
    ("y_label", MAY, Rule::Characters(50)),
];

/// What a table's rows hold.
const CELL: Table = &[
    ("raw_text", &[("text", MUST, Rule::Characters(3000))]),
    ("rich_text", &[("elements", MUST, Rule::List(usize::MAX, &Rule::Typed(RICH)))]),
];

const COLUMN: &[Property] =
    &[("align", MAY, Rule::OneOf(&["left", "center", "right"])), ("is_wrapped", MAY, Rule::Flag)];

/// What a context block holds. Text objects are typed too.
const CONTEXT: Table = &[
    ("mrkdwn", &[("text", MUST, Rule::Characters(3000)), ("verbatim", MAY, Rule::Flag)]),
    ("plain_text", &[("text", MUST, Rule::Characters(3000)), ("emoji", MAY, Rule::Flag)]),
    ("image", IMAGE),
];

const IMAGE: &[Property] =
    &[("alt_text", MUST, Rule::Characters(2000)), ("image_url", MUST, Rule::Characters(3000))];

/// What an actions block and an accessory hold.
const ELEMENT: Table = &[
    (
        "button",
        &[
            ("text", MUST, Rule::Plain(75)),
            ("action_id", MAY, Rule::Characters(255)),
            ("url", MAY, Rule::Characters(3000)),
            ("value", MAY, Rule::Characters(2000)),
            ("style", MAY, Rule::OneOf(&["primary", "danger"])),
            ("confirm", MAY, Rule::Object),
            ("accessibility_label", MAY, Rule::Characters(75)),
        ],
    ),
    ("image", IMAGE),
];

/// What rich text holds; no limits are documented below.
const RICH: Table = &[
    ("rich_text_section", INLINE),
    ("rich_text_preformatted", INLINE),
    ("rich_text_quote", INLINE),
    (
        "rich_text_list",
        &[
            ("style", MUST, Rule::OneOf(&["bullet", "ordered"])),
            ("elements", MUST, Rule::List(usize::MAX, &Rule::Typed(&[("rich_text_section", INLINE)]))),
            ("indent", MAY, Rule::Object),
            ("offset", MAY, Rule::Object),
            ("border", MAY, Rule::Object),
        ],
    ),
];

const INLINE: &[Property] =
    &[("elements", MUST, Rule::List(usize::MAX, &Rule::Object)), ("border", MAY, Rule::Object)];

/// Slack's answer to a payload that it does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The body: all that Slack says.
    pub body: &'static str,
    /// Where and why, which Slack keeps to itself.
    pub why: String,
}

/// Checks a payload.
///
/// # Errors
/// What Slack would answer, and why.
pub fn check(payload: &[u8]) -> Result<Value, Refusal> {
    let refuse = |body| move |why| Refusal { status: 400, body, why };
    let value: Value =
        serde_json::from_slice(payload).map_err(|error| refuse("invalid_payload")(error.to_string()))?;
    let Some(message) = value.as_object() else {
        return Err(refuse("invalid_payload")("not an object".into()));
    };
    let given = |key: &str| message.get(key).filter(|value| !value.is_null());
    if let Some(list) = given("blocks") {
        blocks(list, "blocks").map_err(|(body, why)| refuse(body)(why))?;
    }
    let attachments = match given("attachments") {
        None => &[][..],
        Some(Value::Array(attachments)) => attachments,
        Some(_) => return Err(refuse("invalid_payload")("attachments: not a list".into())),
    };
    if attachments.len() > ATTACHMENTS {
        return Err(refuse("too_many_attachments")(format!(
            "attachments: {} of at most {ATTACHMENTS}",
            attachments.len()
        )));
    }
    for (index, attachment) in attachments.iter().enumerate() {
        if let Some(list) = attachment.get("blocks") {
            let place = format!("attachments[{index}].blocks");
            blocks(list, &place).map_err(|(body, why)| refuse(body)(why))?;
        }
    }
    let empty = |key| given(key).and_then(Value::as_array).is_none_or(Vec::is_empty);
    match given("text") {
        Some(Value::String(text)) if !text.is_empty() => {}
        None | Some(Value::String(_)) if !empty("blocks") || !empty("attachments") => {}
        None | Some(Value::String(_)) => return Err(refuse("no_text")("nothing to show".into())),
        Some(_) => return Err(refuse("invalid_payload")("text: not a string".into())),
    }
    Ok(value)
}

/// Checks a list of blocks; gives Slack's answer and why.
fn blocks(list: &Value, place: &str) -> Result<(), (&'static str, String)> {
    let Some(list) = list.as_array() else {
        return Err(("invalid_blocks_format", format!("{place}: not a list")));
    };
    let refuse = |why: String| ("invalid_blocks", why);
    if list.len() > BLOCKS {
        return Err(refuse(format!("{place}: {} of at most {BLOCKS}", list.len())));
    }
    for (kind, most) in [("data_visualization", CHARTS), ("table", TABLES)] {
        let count = list.iter().filter(|block| block["type"] == kind).count();
        if count > most {
            return Err(refuse(format!("{place}: {count} of at most {most} {kind}")));
        }
    }
    let (mut markdown, mut ids) = (0, Vec::new());
    for (index, block) in list.iter().enumerate() {
        let place = format!("{place}[{index}]");
        typed(block, BLOCK, &place).map_err(refuse)?;
        if let Some(id) = block.get("block_id") {
            obey(id, &Rule::Characters(BLOCK_ID), &format!("{place}.block_id")).map_err(refuse)?;
            if ids.contains(&id) {
                return Err(refuse(format!("{place}.block_id: used before")));
            }
            ids.push(id);
        }
        let lacks = |one: &str, other: &str| block.get(one).is_none() && block.get(other).is_none();
        match block["type"].as_str() {
            Some("section") if lacks("text", "fields") => {
                return Err(refuse(format!("{place}: neither text nor fields")));
            }
            Some("image") if lacks("image_url", "slack_file") => {
                return Err(refuse(format!("{place}: neither image_url nor slack_file")));
            }
            Some("data_visualization") => same_categories(&block["chart"], &place).map_err(refuse)?,
            Some("markdown") => markdown += block["text"].as_str().unwrap_or_default().chars().count(),
            _ => {}
        }
    }
    if markdown > MARKDOWN {
        return Err(refuse(format!("{place}: {markdown} characters of markdown of at most {MARKDOWN}")));
    }
    Ok(())
}

/// Every series has a point for each category, in their order; no two series have one name.
fn same_categories(chart: &Value, place: &str) -> Result<(), String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let categories = list(&chart["axis_config"]["categories"]);
    let mut names = Vec::new();
    for one in list(&chart["series"]) {
        if !list(&one["data"]).iter().map(|point| &point["label"]).eq(&categories) {
            return Err(format!(
                "{place}.chart: series {} has other labels than the categories",
                one["name"]
            ));
        }
        if names.contains(&one["name"]) {
            return Err(format!("{place}.chart: two series are called {}", one["name"]));
        }
        names.push(one["name"].clone());
    }
    Ok(())
}

/// Checks an object against the properties of its type.
fn typed(value: &Value, table: Table, place: &str) -> Result<(), String> {
    let Some(object) = value.as_object() else {
        return Err(format!("{place}: not an object"));
    };
    let kind = value["type"].as_str().unwrap_or_default();
    let Some((_, properties)) = table.iter().find(|(name, _)| *name == kind) else {
        return Err(format!("{place}: type {} is not known here", value["type"]));
    };
    shaped(object, properties, kind, place)
}

/// Checks an object's properties.
fn shaped(
    object: &serde_json::Map<String, Value>,
    properties: &[Property],
    kind: &str,
    place: &str,
) -> Result<(), String> {
    for (name, must, rule) in properties {
        match object.get(*name) {
            Some(value) => obey(value, rule, &format!("{place}.{name}"))?,
            None if *must => return Err(format!("{place}.{name}: missing")),
            None => {}
        }
    }
    let known =
        |key: &str| key == "type" || key == "block_id" || properties.iter().any(|(name, ..)| *name == key);
    match object.keys().find(|key| !known(key)) {
        Some(key) => Err(format!("{place}.{key}: no property of {kind}")),
        None => Ok(()),
    }
}

fn obey(value: &Value, rule: &Rule, place: &str) -> Result<(), String> {
    match (*rule, value) {
        (Rule::Characters(most), Value::String(text)) => {
            within(text.chars().count(), most, "characters", place)
        }
        (Rule::Plain(most), _) if value["type"] == "plain_text" => text(value, most, place),
        (Rule::Text(most), _) if value["type"] == "plain_text" || value["type"] == "mrkdwn" => {
            text(value, most, place)
        }
        (Rule::List(most, rule), Value::Array(list)) => {
            within(list.len(), most, "elements", place)?;
            list.iter()
                .enumerate()
                .try_for_each(|(index, value)| obey(value, rule, &format!("{place}[{index}]")))
        }
        (Rule::Typed(table), _) => typed(value, table, place),
        (Rule::OneOf(allowed), Value::String(text)) if allowed.contains(&text.as_str()) => Ok(()),
        (Rule::Shape(properties), Value::Object(object)) => shaped(object, properties, "this object", place),
        (Rule::Number, Value::Number(_)) => Ok(()),
        (Rule::Flag, Value::Bool(_)) => Ok(()),
        (Rule::Object, _) => Ok(()),
        (Rule::OneOf(allowed), _) => Err(format!("{place}: takes {}", allowed.join(", "))),
        (Rule::Plain(_), _) => Err(format!("{place}: takes a plain_text object")),
        (Rule::Text(_), _) => Err(format!("{place}: takes a text object")),
        (Rule::Characters(_), _) => Err(format!("{place}: takes a string")),
        (Rule::List(..), _) => Err(format!("{place}: takes a list")),
        (Rule::Shape(_), _) => Err(format!("{place}: not an object")),
        (Rule::Number, _) => Err(format!("{place}: takes a number")),
        (Rule::Flag, _) => Err(format!("{place}: takes true or false")),
    }
}

/// A text object; its own properties are those of the context block's.
fn text(value: &Value, most: usize, place: &str) -> Result<(), String> {
    typed(value, CONTEXT, place)?;
    obey(&value["text"], &Rule::Characters(most), &format!("{place}.text"))
}

fn within(count: usize, most: usize, unit: &str, place: &str) -> Result<(), String> {
    match count {
        0 => Err(format!("{place}: empty")),
        count if count > most => Err(format!("{place}: {count} {unit} of at most {most}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
