//! What the old function did wrong with these very settings, and what the numbers do instead.

use super::Settings;
use crate::config::{host_of, region_from_host};
use crate::init::{Draft, QUESTIONS, items};

/// Characters that the old function's query language (Lucene's, in `query_string`) reads as its own.
const OPERATORS: &str = "+-=&|><!(){}[]^\"~*?:\\/ ";

/// A sentence or two for each that applies, the most visible first. `draft` is what was taken of the settings, and `zone` the
/// time zone that was asked for.
pub(super) fn differences(settings: &Settings, draft: &Draft, zone: Option<&str>) -> Vec<String> {
    let given =
        |name: &str| settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let set = |name: &str| given(name).filter(|value| !value.is_empty());
    let is_taken = |key: &str| {
        let mut answers = QUESTIONS.iter().zip(&draft.answers);
        answers.any(|(question, answer)| question.key == key && answer.is_some())
            || draft.more.iter().any(|(known, _)| *known == key)
    };
    let mut told = Vec::new();
    if given("ES_INDEXIS").is_some() {
        told.push(
            "`ES_INDEXIS` is the article's spelling, but the function reads `ES_INDEXES`: it ended before its first \
             count, unless your copy was corrected. All below is about a corrected one."
                .to_owned(),
        );
    }
    told.push(
        "Counts: each was of all that the indexes hold, whatever its date; now it is one day's. Expect far smaller \
         numbers."
            .to_owned(),
    );
    let searched = is_taken("elasticsearch.indexes");
    told.extend(set("ES_INDEXES").or(set("ES_INDEXIS")).map(|value| indexes(value, searched)));
    told.push(average(set("UNIT_OF_TIME")));
    told.extend(set("ERROR_LEVEL").into_iter().flat_map(levels));
    told.push(
        "Failures of the cluster (no right, no such index, a request that it doesn't take) were shown as 0; now the run \
         fails and says why."
            .to_owned(),
    );
    if zone.is_none() {
        told.push(
            "The day: the calendar day before, in UTC. For Tokyo's, write `timezone = \"Asia/Tokyo\"` under [digest]."
                .to_owned(),
        );
    }
    told.extend(set("ES_ENDPOINT").filter(|_| is_taken("elasticsearch.endpoint")).and_then(endpoint));
    let ours = [("SLACK_CHANNEL", "slack.channel"), ("USER_NAME", "slack.username")];
    let ours = ours.into_iter().filter(|(_, key)| is_taken(key));
    let ours = Vec::from_iter(ours.map(|(name, _)| format!("`{name}`"))).join(" and ");
    if !ours.is_empty() {
        told.push(format!(
            "{ours}: kept, but only legacy webhooks honour that; any other posts by its own name into its own channel."
        ));
    }
    if given("SLACK_CHANNEL") == Some("") {
        told.push(
            "Without `SLACK_CHANNEL` the function posted nothing, and called that a success; now it posts."
                .to_owned(),
        );
    }
    told.push(
        "Slack: a post that it refused was a success for Lambda; now the run fails, and `tanets logs --failed` has it."
            .to_owned(),
    );
    told
}

fn indexes(value: &str, searched: bool) -> String {
    let indexes = Vec::from_iter(items(value).iter().map(|index| format!("`{index}`"))).join(" and ");
    let letters = match value.matches('*').count() {
        0 => format!(
            "as the index `{}` and so on; what isn't there counted 0",
            value.chars().next().unwrap_or_default()
        ),
        1 => "and its `*` counted every index of the cluster".to_owned(),
        more => format!("and each `*` counted every index of the cluster, {more} times in all"),
    };
    let now = if searched { format!(" Now searched: {indexes}.") } else { String::new() };
    format!("Indexes: `{value}` was read letter by letter, {letters}.{now}")
}

fn average(unit: Option<&str>) -> String {
    let (name, parts) = match unit {
        Some("m") => ("minute", "1,440"),
        Some("s") => ("second", "86,400"),
        _ => ("hour", "24"),
    };
    let mut told = format!(
        "Average: that sum through {parts}, rounded down; now the day's total by its {name}s, and never rounded to nothing."
    );
    if let Some(other) = unit.filter(|unit| !["h", "m", "s"].contains(unit)) {
        told += &format!(" `UNIT_OF_TIME = \"{other}\"` meant `h`, and still does.");
    }
    told
}

fn levels(value: &str) -> Vec<String> {
    let levels = items(value);
    let mut told = Vec::new();
    if levels.len() > 1 {
        told.push(format!(
            "Total: a line with more than one of {} was counted for each; now once in the total.",
            levels.join(", ")
        ));
    }
    let read = levels.iter().filter(|level| level.contains(|c| OPERATORS.contains(c)));
    let read = Vec::from_iter(read.map(|level| format!("`{level}`"))).join(" and ");
    if !read.is_empty() {
        told.push(format!(
            "Levels: {read} used to be read in Lucene's language, as operators or several words; now each is looked for as it \
             stands."
        ));
    }
    told
}

/// What a domain inside a VPC lacks, `check` tells.
fn endpoint(value: &str) -> Option<String> {
    let host = host_of(value);
    region_from_host(host).is_none().then(|| {
        format!(
            "Requests to `{host}` were signed for AWS; now they aren't, as that is no name of AWS's. For a domain's \
             custom endpoint write `auth = \"sigv4\"` and `domain` under [elasticsearch]."
        )
    })
}
