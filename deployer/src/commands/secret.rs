//! `tanets secret`: puts what the configuration refers to into Parameter Store, and looks whether it is right. The value comes
//! from standard input or a hidden prompt, never from the command line, and no part of it is ever told.

use std::io::{self, Read};
use std::time::Instant;

use tanets_function::secret::Secret;
use tanets_function::settings::{Reference, Settings};

#[cfg(unix)]
use super::change::interrupted;
use super::{connect_to, identify_as, read, read_if_there, somebody_is_there};
use crate::aws::{self, Aws};
use crate::cli::{Global, SecretCommand, SecretSetArgs};
use crate::config::{Config, parameter_name};
use crate::deadline::Deadline;
use crate::exit::{Exit, Failure};
use crate::secret::{Form, Purpose, SecretError, accept, notes};
use crate::view::{KeptSecret, View};

/// What is read of a pipe at most: more than Parameter Store takes, and no more.
const PIPE: u64 = 64 * 1024;

pub(super) async fn secret(
    global: &Global,
    command: SecretCommand,
    view: &dyn View,
) -> Result<Exit, Failure> {
    let (SecretCommand::Set(SecretSetArgs { name, .. }) | SecretCommand::Check { name }) = &command;
    let name = match name {
        Some(name) => parameter_name(name).map_err(SecretError::Name)?,
        None => webhook(&read(global, view)?)?,
    };
    let config = read_if_there(global, view)?;
    let config = config.as_ref();
    let purpose = config.map_or(Purpose::Unknown, |config| purpose(&config.settings, &name));
    // Whoever types takes the time that it takes.
    let value = match &command {
        SecretCommand::Set(_) => Some(accept(read_value(&name, view)?.expose(), purpose)?),
        SecretCommand::Check { .. } => None,
    };
    let deadline = Deadline::of_a_run(global.timeout);
    let aws = connect_to(global, config.and_then(|config| config.region.as_ref()), view).await?;
    deadline.hold(identify_as(&aws, config.and_then(|config| config.account.as_ref()))).await??;
    let kept = match (command, value) {
        (SecretCommand::Set(args), Some((value, form))) => {
            hide(&value, view);
            let key = args.kms_key.as_ref().or(config.and_then(|config| config.function.kms_key.as_ref()));
            let told = KeptSecret {
                form,
                bytes: value.expose().len(),
                notes: notes(&value, form, purpose),
                ..KeptSecret::of(&name)
            };
            set(&aws, told, &value, key, args.confirm.yes, deadline, view).await?
        }
        _ => deadline.hold(check(&aws, name, purpose, view)).await??,
    };
    view.secret(&kept);
    Ok(Exit::Done)
}

/// The parameter of the configuration's webhook.
fn webhook(config: &Config) -> Result<String, SecretError> {
    Err(match &config.settings.webhook {
        Reference::Ssm(name) => return parameter_name(name).map_err(SecretError::Name),
        Reference::Plain(_) => SecretError::NoReference,
        Reference::SecretsManager(id) => SecretError::Elsewhere {
            kind: "secretsmanager",
            instead: format!(
                "`aws secretsmanager put-secret-value --secret-id {id} --secret-string file://webhook.txt`"
            ),
        },
        Reference::Kms(_) => SecretError::Elsewhere {
            kind: "kms",
            instead: format!(
                "`aws kms encrypt --key-id KEY --plaintext fileb://webhook.txt --encryption-context LambdaFunctionName={} \
                 --query CiphertextBlob --output text` gives what stands after `kms:`",
                config.name
            ),
        },
    })
}

/// What the configuration wants of a parameter.
fn purpose(settings: &Settings, name: &str) -> Purpose {
    let is_it = |reference: &Reference| matches!(reference, Reference::Ssm(other) if other == name);
    let others = [Some(&settings.endpoint), settings.credentials.as_ref(), settings.ca.as_ref()];
    match () {
        () if is_it(&settings.webhook) => Purpose::Webhook,
        () if others.into_iter().flatten().any(is_it) => Purpose::Other,
        () => Purpose::Unknown,
    }
}

/// From a pipe, or from whoever sits at the terminal.
fn read_value(name: &str, view: &dyn View) -> Result<Secret, Failure> {
    let mut text = String::new();
    if !io::IsTerminal::is_terminal(&io::stdin()) {
        io::stdin().lock().take(PIPE).read_to_string(&mut text).map_err(SecretError::Input)?;
    } else if somebody_is_there() {
        #[cfg(unix)]
        show_again_when_interrupted().map_err(SecretError::Input)?;
        text = view.ask_secret(name).map_err(SecretError::Input)?;
    } else {
        return Err(SecretError::Empty.into());
    }
    Ok(Secret::new(text))
}

/// Ctrl-C at the hidden prompt would leave the terminal in the state in which it doesn't show what is typed.
#[cfg(unix)]
fn show_again_when_interrupted() -> io::Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let shown = tcgetattr(io::stdin())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let interrupted = {
        let _within = runtime.enter();
        interrupted()
    };
    // The prompt holds this thread.
    std::thread::spawn(move || {
        runtime.block_on(interrupted);
        tcsetattr(io::stdin(), OptionalActions::Now, &shown).ok();
        std::process::exit(i32::from(Exit::Interrupted as u8));
    });
    Ok(())
}

/// No output has it: neither AWS's words, nor anything else. A few letters would stand in half of all words.
fn hide(value: &Secret, view: &dyn View) {
    if value.expose().len() >= 6 {
        view.hide(std::slice::from_ref(value));
    }
}

/// Writes it, over an old one only if somebody wants that.
async fn set(
    aws: &Aws,
    told: KeptSecret,
    value: &Secret,
    key: Option<&String>,
    yes: bool,
    mut deadline: Deadline,
    view: &dyn View,
) -> Result<KeptSecret, Failure> {
    let name = told.name.as_str();
    let failed = |doing| {
        let name = name.to_owned();
        move |source| SecretError::Aws { doing, name, source: Box::new(source) }
    };
    let there = deadline.hold(aws.parameter(name, false)).await?.map_err(failed("read"))?;
    if let Some(old) = &there
        && !yes
    {
        // Standard input may have been the value.
        if !somebody_is_there() {
            return Err(Failure::NoTerminal);
        }
        let asked = Instant::now();
        if !view.replaces(name, old.version) {
            return Err(Failure::NotConfirmed);
        }
        deadline = deadline.without(asked.elapsed());
    }
    // Without one, AWS would take its own key for a parameter that had another.
    let key = match (key, &there) {
        (Some(key), _) => Some(key.clone()),
        (None, Some(_)) => deadline.hold(aws.parameter_key(name)).await?.map_err(failed("read"))?,
        (None, None) => None,
    };
    let written = deadline.hold(aws.put_parameter(name, value, key.as_deref(), there.is_some())).await;
    let written = written.map_err(Failure::Unwritten)?;
    let version = match written {
        // By whom? By our own request, if its answer was lost.
        Err(error) if error.code.as_deref() == Some("ParameterAlreadyExists") => {
            let now = deadline.hold(aws.parameter(name, true)).await?.map_err(failed("read"))?;
            let ours = now.filter(|now| now.value.as_ref().is_some_and(|now| now.expose() == value.expose()));
            ours.ok_or_else(|| SecretError::Overtaken(name.to_owned()))?.version
        }
        written => written.map_err(failed("write"))?,
    };
    Ok(KeptSecret { version, key, replaced: there.map(|there| there.version), written: true, ..told })
}

/// Looks whether it is there, encrypted, readable and of the right form.
async fn check(aws: &Aws, name: String, purpose: Purpose, view: &dyn View) -> Result<KeptSecret, Failure> {
    let read = aws.parameter(&name, true).await;
    let read = read.map_err(|source| SecretError::Aws {
        doing: "read",
        name: name.clone(),
        source: Box::new(source),
    })?;
    let Some(parameter) = read else { return Err(SecretError::Absent(name).into()) };
    let value = parameter.value.unwrap_or_else(|| Secret::new(""));
    hide(&value, view);
    if parameter.kind != "SecureString" {
        return Err(SecretError::NotSecure { name, kind: parameter.kind }.into());
    }
    // The function reads it so.
    let value = Secret::new(value.expose().trim());
    let form = Form::of(&value);
    match (purpose, form) {
        (_, Form::Text) if value.expose().is_empty() => return Err(SecretError::Empty.into()),
        (Purpose::Webhook, Form::Text) => return Err(SecretError::NoWebhook.into()),
        _ => {}
    }
    let (key, unread) = match aws.parameter_key(&name).await {
        Ok(key) => (key, None),
        Err(error) => (None, Some(error)),
    };
    Ok(KeptSecret {
        version: parameter.version,
        key,
        key_unread: unread.as_ref().map(aws::Error::to_string),
        modified: parameter.modified,
        form,
        bytes: value.expose().len(),
        notes: notes(&value, form, purpose),
        ..KeptSecret::of(&name)
    })
}
