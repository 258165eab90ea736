//! What the check from inside has found, as a table for people. Pure: gives strings.

use std::fmt::Write;

use console::measure_text_width;
use tanets_function::check::{Finding, State, What};
use tanets_function::error::chain;

use super::text::{CYAN, DIM, GREEN, RED, YELLOW, paint};
use crate::doctor::{Diagnosed, Diagnosis, in_toml};

/// The name of a stage, for people.
fn name(what: What) -> &'static str {
    match what {
        What::SecretWebhook => "secret: webhook",
        What::SecretEndpoint => "secret: endpoint",
        What::SecretCredentials => "secret: credentials",
        What::SecretCa => "secret: ca",
        What::ClusterName => "cluster: name",
        What::ClusterTcp => "cluster: port",
        What::ClusterTls => "cluster: certificate",
        What::ClusterHttp => "cluster: answer",
        What::ClusterAuthentication => "cluster: authentication",
        What::ClusterIndexes => "cluster: indexes",
        What::ClusterFields => "cluster: fields",
        What::ClusterCount => "cluster: count",
        What::SlackName => "Slack: name",
        What::SlackTcp => "Slack: port",
        What::SlackTls => "Slack: certificate",
        What::SlackHttp => "Slack: answer",
        What::Time => "time",
    }
}

/// The table, and what follows from it.
pub fn diagnosis(diagnosis: &Diagnosis) -> String {
    let findings = diagnosis.checked.as_deref().unwrap_or_default();
    let names = findings.iter().map(|diagnosed| name(diagnosed.finding.what));
    let width = names.map(measure_text_width).max().unwrap_or_default();
    let mut text = String::new();
    if !findings.is_empty() {
        text += "\nChecked from inside the function:\n";
    }
    for Diagnosed { finding: Finding { what, state, ms }, hint } in findings {
        let (symbol, told) = match state {
            State::Ok { detail } => (paint(GREEN, "✓"), detail.clone()),
            State::Failed { error, .. } => (paint(RED, "✗"), in_toml(error)),
            State::NotTried { after } => {
                (paint(DIM, "-"), paint(DIM, format_args!("not tried, after {}", name(*after))))
            }
        };
        // Of the time itself the detail says enough.
        let ms = ms.filter(|_| *what != What::Time);
        let ms = ms.map(|ms| paint(DIM, format_args!("  {ms} ms"))).unwrap_or_default();
        let _ = writeln!(text, "  {symbol} {:<width$}  {told}{ms}", name(*what));
        if let Some(hint) = hint {
            let _ = writeln!(text, "    {}: {hint}", paint(CYAN, "hint"));
        }
    }
    if let Err(unchecked) = &diagnosis.checked {
        let _ = writeln!(text, "\n{}: {}", paint(RED, "not checked"), chain(unchecked));
        if let Some(hint) = unchecked.hint() {
            let _ = writeln!(text, "{}: {hint}", paint(CYAN, "hint"));
        }
    }
    text + "\n" + &paint_verdict(diagnosis)
}

fn paint_verdict(diagnosis: &Diagnosis) -> String {
    let style = if diagnosis.is_well() { GREEN } else { YELLOW };
    paint(style, verdict(diagnosis)) + "\n"
}

/// What follows from the findings, in a sentence.
pub fn verdict(diagnosis: &Diagnosis) -> String {
    let deployed = if diagnosis.deployed { "Deployed, but " } else { "" };
    let failed = diagnosis.failures().count();
    let verdict = match &diagnosis.checked {
        Ok(_) if failed == 0 => return "All is well: the function can count, and reach Slack.".to_owned(),
        Ok(findings) => format!(
            "{deployed}{failed} of {} checks failed: put that right, and run `tanets doctor` again.",
            findings.len()
        ),
        Err(_) => format!("{deployed}not checked: `tanets doctor` checks again."),
    };
    let mut letters = verdict.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What failed: its name, the error, the way out.
pub fn failures(diagnosis: &Diagnosis) -> Vec<(String, String, Option<String>)> {
    if let Err(unchecked) = &diagnosis.checked {
        return vec![("the function".to_owned(), chain(unchecked), unchecked.hint())];
    }
    let one = |Diagnosed { finding, hint }: &Diagnosed| match &finding.state {
        State::Failed { error, .. } => Some((name(finding.what).to_owned(), in_toml(error), hint.clone())),
        _ => None,
    };
    diagnosis.failures().filter_map(one).collect()
}

#[cfg(test)]
mod tests;
