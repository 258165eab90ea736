//! The stacks of a region as text for people. Pure: gives strings.

use std::fmt::Write;

use super::text::{DIM, GREEN, RED, YELLOW, paint};
use crate::aws::Identity;
use crate::resource::{Address, permission, target};
use crate::schedule::Schedule;
use crate::stacks::{Seen, Stacks};

/// A line a stack, and the way out for orphans.
pub fn stacks(identity: &Identity, endpoint_override: Option<&str>, found: &Stacks) -> String {
    let Identity { account, arn: _, partition: _, region } = identity;
    let stacks = &found.stacks;
    let count = match stacks.len() {
        0 => "No stack".to_owned(),
        1 => "1 stack".to_owned(),
        count => format!("{count} stacks"),
    };
    let mut text = format!("{count} in account {account}, region {region}\n");
    if let Some(url) = endpoint_override {
        let _ = writeln!(text, "  {}  {url} (not AWS itself)", paint(YELLOW, "endpoint"));
    }
    let there = Vec::from_iter(stacks.iter().map(|stack| parts(&stack.there)));
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).max().unwrap_or(0);
    let names = widest(&mut stacks.iter().map(|stack| stack.name.as_str()));
    let parts = widest(&mut there.iter().map(String::as_str));
    for (stack, there) in stacks.iter().zip(&there) {
        let Seen { name, there: _, missing: _, unread, schedule: _, disabled: _ } = stack;
        let (symbol, told) = match stack.orphan() {
            Some(why) => (paint(RED, "!"), format!("{} {why}", paint(RED, "orphan:"))),
            None if !unread.is_empty() => (paint(YELLOW, "?"), String::new()),
            None => (paint(GREEN, "✓"), fires(stack)),
        };
        let _ = writeln!(text, "{}", format!("{symbol} {name:<names$}  {there:<parts$}  {told}").trim_end());
        for (address, error) in unread {
            let _ = writeln!(text, "    {} {address}: {error}", paint(YELLOW, "cannot tell:"));
        }
    }
    if stacks.iter().any(|stack| stack.orphan().is_some()) {
        text += "\nWith a tanets.toml of its name, `tanets destroy` removes an orphan, and `tanets deploy` makes it whole.\n";
    }
    text
}

/// What could not be read, and what that may hide.
pub fn unread(found: &Stacks) -> String {
    let mut text = String::new();
    for error in &found.unread {
        let _ = writeln!(text, "{}: stacks may be missing here: {error}", paint(YELLOW, "warning"));
        if let Some(hint) = error.hint() {
            let _ = writeln!(text, "  {}", paint(DIM, hint));
        }
    }
    text
}

/// What has a name of its own.
fn parts(there: &[Address]) -> String {
    let named = there.iter().filter(|address| ![permission::ADDRESS, target::ADDRESS].contains(address));
    Vec::from_iter(named.map(ToString::to_string)).join(", ")
}

fn fires(stack: &Seen) -> String {
    let expression = stack.schedule.as_deref().unwrap_or_default();
    let words =
        Schedule::parse(expression).map_or_else(|_| expression.to_owned(), |schedule| schedule.words());
    match stack.disabled {
        true => format!("{} {words}", paint(YELLOW, "disabled:")),
        false => words,
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;

    use super::*;
    use crate::aws::Error;
    use crate::resource::rule;

    fn denied(action: &'static str) -> Error {
        Error {
            action,
            code: Some("AccessDenied".to_owned()),
            message: format!("User: x is not authorized to perform: {action}"),
            request_id: None,
        }
    }

    #[test]
    fn each_stack_is_a_line_and_orphans_have_a_way_out() {
        let whole = Seen::WHOLE;
        let seen = |name: &str, there: &[Address], schedule: Option<&str>, disabled| Seen {
            schedule: schedule.map(str::to_owned),
            disabled,
            ..Seen::of(name, there)
        };
        let unseen = Seen {
            unread: vec![(rule::ADDRESS, denied("events:DescribeRule"))],
            missing: Vec::new(),
            ..seen("unseen", &whole[..3], None, false)
        };
        let found = Stacks {
            stacks: vec![
                seen("error_log_daily_notify", &whole, Some("cron(15 1 * * ? *)"), false),
                seen("old", &whole[1..2], None, false),
                seen("paused", &whole, Some("rate(1 day)"), true),
                unseen,
                seen("without-target", &whole[..5], Some("rate(1 day)"), false),
            ],
            unread: vec![denied("tag:GetResources")],
        };
        let identity = Identity::of_account("123456789012", "ap-northeast-1");
        let none = stacks(&identity, Some("http://127.0.0.1:1"), &Stacks::default());
        let text = [stacks(&identity, None, &found), unread(&found), none].join("\n");
        assert_snapshot!(strip_str(&text));
    }
}
