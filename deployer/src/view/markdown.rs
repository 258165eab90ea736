//! A plan and its outcome in Markdown, for the summary of a job. Pure: gives strings.

use std::fmt::Write;

use super::delivery::next_run;
use super::{Deployment, diagnosis, text};
use crate::apply::{Ended, Outcome};
use crate::attributes::{Change, Value};
use crate::doctor::Diagnosis;
use crate::forecast::Run;
use crate::plan::{Action, NotOurs, Plan, Step};

/// A plan: a row a step, and what stays or stands in the way.
pub fn plan(command: &str, deployment: &Deployment, plan: &Plan, runs: &[Run]) -> String {
    let Deployment { name, account, region, endpoint_override, .. } = deployment;
    let mut markdown = format!("### tanets {command}: {}\n\n", escaped(name));
    let _ = write!(markdown, "Account {}, region {}.", escaped(account), escaped(region));
    if let Some(url) = endpoint_override {
        let _ = write!(markdown, " Not AWS itself: {}.", code(url));
    }
    let Plan { steps, unchanged, blocked, left, kept, digest } = plan;
    if steps.is_empty() && blocked.is_empty() {
        let _ = write!(markdown, "\n\n{}", text::nothing_to_do(command));
    } else {
        let _ = write!(markdown, " {}", text::summary(plan));
    }
    if steps.len() + blocked.len() + left.len() + kept.len() > 0 {
        markdown += "\n| | resource | what | attributes |\n|---|---|---|---|\n";
    }
    for step in steps {
        let Step { address, name, action, reason, changes, .. } = step;
        let sign = match action {
            Action::Create => "&#43;",
            Action::Update => "&#126;",
            Action::Delete => "&#45;",
        };
        let changes = Vec::from_iter(changes.iter().map(|change| one_change(change, *action))).join("<br>");
        let resource = format!("{}<br>{}", escaped(&address.to_string()), code(name));
        let _ = writeln!(markdown, "| {sign} | {resource} | {} | {changes} |", text::reason(*reason));
    }
    for NotOurs { address, name, why } in blocked.iter().chain(left) {
        let resource = format!("{}<br>{}", escaped(&address.to_string()), code(name));
        let _ = writeln!(markdown, "| &#33; | {resource} | {} | |", escaped(why));
    }
    for kept in kept {
        let attribute = format!("{}: {}", code(&kept.name), code(&kept.value.to_string()));
        let address = escaped(&kept.address.to_string());
        let _ = writeln!(markdown, "| &#33; | {address} | not ours, kept | {attribute} |");
    }
    if !steps.is_empty() && !unchanged.is_empty() {
        let names = Vec::from_iter(unchanged.iter().map(|address| escaped(&address.to_string()))).join(", ");
        let _ = writeln!(markdown, "\nUnchanged: {names}.");
    }
    if command != "destroy" {
        let _ = writeln!(markdown, "\nNext run: {}.", escaped(&next_run(deployment.next(runs))));
    }
    let _ = writeln!(markdown, "\nPlan digest: {}\n", code(&digest.to_string()));
    markdown
}

/// How the steps ended.
pub fn outcome(outcome: &Outcome) -> String {
    let (done, failed, skipped) = outcome.counts();
    let mut markdown = format!("**{done} done, {failed} failed, {skipped} not started.**\n");
    for (address, _, ended) in &outcome.steps {
        if let Ended::Failed(error) = ended {
            let _ = writeln!(markdown, "- {}: {}", escaped(&address.to_string()), code(&error.to_string()));
        }
    }
    markdown + "\n"
}

/// What the check from inside has found wrong.
pub fn diagnosis(diagnosis: &Diagnosis) -> String {
    let verdict = diagnosis::verdict(diagnosis).replace('`', "");
    let mut markdown = format!("**Checked from inside.** {}\n", escaped(verdict.trim_end()));
    for (what, error, hint) in diagnosis::failures(diagnosis) {
        let hint = hint.map(|hint| format!("<br>hint: {}", escaped(&hint))).unwrap_or_default();
        let _ = writeln!(markdown, "- {}: {}{hint}", escaped(&what), code(&error));
    }
    markdown + "\n"
}

fn one_change(Change { name, before, after }: &Change, action: Action) -> String {
    let lines = |sign: &str, value: &Value| match value {
        Value::Policy(document) => {
            let lines = text::statements(document);
            let lines = lines.iter().map(|line| format!("<br>{sign} {}", code(line)));
            String::from_iter(lines)
        }
        _ => String::new(),
    };
    if let (Value::Policy(_), _) | (_, Value::Policy(_)) = (before, after) {
        return format!("{}{}{}", code(name), lines("&#45;", before), lines("&#43;", after));
    }
    match (action, before) {
        (Action::Create, Value::Absent) => format!("{}: {}", code(name), code(&after.to_string())),
        _ => format!("{}: {} → {}", code(name), code(&before.to_string()), code(&after.to_string())),
    }
}

/// A text of others as it is, whatever stands in it.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// No text makes Markdown or HTML: an entity never does, so whatever could begin any becomes one.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '-' | '.' | ',' | '/' | ' ' => escaped.push(c),
            '\n' => escaped += "<br>",
            c if c.is_ascii_punctuation() || c.is_control() => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use insta::assert_snapshot;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;
    use tanets_function::secret::Secret;

    use super::*;
    use crate::attributes::Attributes;
    use crate::forecast::next_runs;
    use crate::plan::{Kept, PlanDigest, Reason};
    use crate::policy;
    use crate::resource::Address;
    use crate::schedule::Schedule;

    fn step(address: &'static str, action: Action, reason: Reason, changes: Vec<Change>) -> Step {
        Step {
            address: Address::new(address),
            name: "error_log_daily_notify".to_owned(),
            action,
            reason,
            changes,
            before: Attributes::default(),
            revision: None,
            after: BTreeSet::new(),
        }
    }

    #[test]
    fn a_plan_is_a_table_whatever_stands_in_it() {
        let change = |name: &str, before, after| Change { name: name.to_owned(), before, after };
        let secret = |text: &str| Value::Secret(Secret::new(text));
        let nasty = Value::text("a | b\n</code><b>*@here*</b> [x](https://x) `");
        let allow = json!({ "Statement": [{ "Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "arn:aws:es:*" }] });
        let allow = Value::Policy(policy::normalise(&allow));
        let created = vec![change("inline_policy.tanets", Value::Absent, allow)];
        let updated =
            vec![change("description", nasty, Value::Absent), change("webhook", secret("a"), secret("b"))];
        let kept =
            Kept { address: Address::new("rule"), name: "tags.cost".to_owned(), value: Value::text("42") };
        let plan = Plan {
            steps: vec![
                step("role", Action::Create, Reason::Missing, created),
                step("function", Action::Update, Reason::Differs, updated),
            ],
            unchanged: vec![Address::new("rule")],
            blocked: vec![NotOurs {
                address: Address::new("log_group"),
                name: "/aws/lambda/x".to_owned(),
                why: "exists and is not ours".to_owned(),
            }],
            left: Vec::new(),
            kept: vec![kept],
            digest: PlanDigest::default(),
        };
        let deployment = Deployment {
            name: "error_log_daily_notify".to_owned(),
            schedule: "cron(15 1 * * ? *)".to_owned(),
            disabled: false,
            account: "123456789012".to_owned(),
            caller: String::new(),
            region: "ap-northeast-1".to_owned(),
            endpoint_override: None,
            package: None,
            arns: Vec::new(),
        };
        let now = "2026-11-22T16:00:00Z".parse().unwrap();
        let runs = next_runs(
            &Schedule::parse(&deployment.schedule).unwrap(),
            &TimeZone::get("Asia/Tokyo").unwrap(),
            now,
        );
        assert_snapshot!(super::plan("plan", &deployment, &plan, &runs), @r#"
    ### tanets plan: error&#95;log&#95;daily&#95;notify

    Account 123456789012, region ap-northeast-1. Plan: 1 to create, 1 to update, 0 to delete, 1 unchanged.

    | | resource | what | attributes |
    |---|---|---|---|
    | &#43; | role<br><code>error&#95;log&#95;daily&#95;notify</code> | create, it is missing | <code>inline&#95;policy.tanets</code><br>&#43; <code>allow es&#58;ESHttpGet on arn&#58;aws&#58;es&#58;&#42;</code> |
    | &#126; | function<br><code>error&#95;log&#95;daily&#95;notify</code> | update, it differs | <code>description</code>: <code>a &#124; b<br>&#60;/code&#62;&#60;b&#62;&#42;&#64;here&#42;&#60;/b&#62; &#91;x&#93;&#40;https&#58;//x&#41; &#96;</code> → <code>&#40;none&#41;</code><br><code>webhook</code>: <code>&#40;sensitive&#41;</code> → <code>&#40;sensitive&#41;</code> |
    | &#33; | log&#95;group<br><code>/aws/lambda/x</code> | exists and is not ours | |
    | &#33; | rule | not ours, kept | <code>tags.cost</code>: <code>42</code> |

    Unchanged: rule.

    Next run: Mon 2026-11-23 10&#58;15 JST, covers Sun 2026-11-22.

    Plan digest: <code></code>
    "#);
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in "\\PC{0,60}") {
            let shown = escaped(&text);
            prop_assert!(!shown.contains(['|', '<', '>', '*', '_', '`', '[', ']', '\\', '@', ':', '"']));
            // Whatever is left of the entities is the text.
            let mut read = String::new();
            let mut rest = shown.as_str();
            while let Some((before, after)) = rest.split_once("&#") {
                let (number, after) = after.split_once(';').unwrap();
                read += before;
                read.push(char::from_u32(number.parse().unwrap()).unwrap());
                rest = after;
            }
            prop_assert_eq!(read + rest, text);
        }
    }
}
