//! Cargo as a child, such that the same source gives the same bytes in any folder on any machine: one compiler, and no
//! path of this machine in what it writes.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tanets_sandbox::PeerError;
use tanets_sandbox::python::{Environment, FUNCTION, RELEASE};

use crate::tell;

/// The compiler that makes a release: another one makes other bytes.
pub const TOOLCHAIN: &str = "1.95.0";
/// What a release has for Linux: linked statically, so that they run on every one.
pub const LINUX: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// A source tree and where its builds go.
pub struct Tree {
    /// The workspace's root.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// Cargo's home.
    pub cargo_home: PathBuf,
}

impl Tree {
    /// This checkout. Its release builds have a folder of their own: they neither wait for tests nor hold them up.
    pub fn here() -> Result<Self, PeerError> {
        let root = tanets_sandbox::workspace_root().to_owned();
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
        let cargo_home = home.ok_or_else(|| PeerError::new("looking for cargo's home", "HOME isn't set"))?;
        Ok(Self { root, target: tanets_sandbox::target_dir().join("dist-build"), cargo_home })
    }

    /// A build command in this tree, with the tools of a Python environment on its path.
    pub fn command(&self, tools: Option<&Environment>, program: &str) -> Result<Command, PeerError> {
        let mut command =
            Command::new(tools.map_or_else(|| program.into(), |tools| tools.bin().join(program)));
        for (name, _) in env::vars_os() {
            if is_foreign(&name) {
                command.env_remove(name);
            }
        }
        let sysroot =
            output(Command::new("rustc").arg(format!("+{TOOLCHAIN}")).args(["--print", "sysroot"]))?;
        let flags = [
            remap(&self.cargo_home, "/cargo"),
            remap(&self.root, "/tanets"),
            // Only where the standard library's source is installed do its paths show.
            remap(&Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), "/rust"),
        ];
        command
            .current_dir(&self.root)
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_HOME", &self.cargo_home)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTUP_TOOLCHAIN", TOOLCHAIN)
            .stdin(Stdio::null());
        if let Some(tools) = tools {
            // Where cargo-lambda and cargo-zigbuild look for zig.
            command.env("PATH", tools.path()).env("VIRTUAL_ENV", tools.folder());
        }
        Ok(command)
    }
}

/// What says how to build, and is set by the `cargo run` around us, or by somebody for other builds.
fn is_foreign(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let foreign =
        ["CARGO_BIN_", "CARGO_BUILD_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_"];
    let more = ["CARGO_PROFILE_", "CARGO_TARGET_", "TANETS_"];
    foreign.iter().chain(&more).any(|prefix| name.starts_with(prefix)) || name == "RUSTFLAGS"
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// Whether binaries of a target run on this machine.
pub fn runs_here(target: &str) -> bool {
    let os = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    target.starts_with(env::consts::ARCH) && target.contains(os)
}

/// Sets up what builds for a target.
pub fn prepare(target: &str) -> Result<(), PeerError> {
    let installed =
        Command::new("rustup").args(["target", "list", "--installed", "--toolchain", TOOLCHAIN]).output();
    let installed = installed.map_err(|error| {
        PeerError::new("running rustup", error)
            .hint("a release is built by one version of Rust: install rustup")
    })?;
    if String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == target) {
        return Ok(());
    }
    tell(&format!("installing Rust {TOOLCHAIN} for {target}"));
    let mut install = Command::new("rustup");
    if installed.status.success() {
        install.args(["target", "add", "--toolchain", TOOLCHAIN, target]);
    } else {
        install.args([
            "toolchain",
            "install",
            TOOLCHAIN,
            "--profile",
            "minimal",
            "--no-self-update",
            "--target",
            target,
        ]);
    }
    run(&mut install).map_err(|error| {
        PeerError::new(format!("{target} can't be built here"), error)
            .hint("`cargo xtask dist --target TARGET` makes what this machine can")
    })
}

/// The environment that builds functions.
pub fn function_tools() -> Result<Environment, PeerError> {
    Environment::of(FUNCTION, &tell)
}

/// The environment that links deployers.
pub fn release_tools() -> Result<Environment, PeerError> {
    Environment::of(RELEASE, &tell)
}

/// Runs a command to its end; what it says is seen as it says it, on stderr.
pub fn run(command: &mut Command) -> Result<(), PeerError> {
    let doing = format!("running {}", told(command));
    tell(&doing);
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status.map_err(|error| PeerError::new(&doing, error))? {
        status if status.success() => Ok(()),
        status => Err(PeerError::new(&doing, status.to_string())),
    }
}

/// Runs a command to its end and gives what it prints.
pub fn output(command: &mut Command) -> Result<String, PeerError> {
    let doing = format!("running {}", told(command));
    let output = command.stdin(Stdio::null()).output().map_err(|error| PeerError::new(&doing, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    Err(PeerError::new(doing, said))
}

/// The commit that is built, marked where files differ from it.
pub fn commit(root: &Path) -> Result<String, PeerError> {
    let git = |arguments: &[&str]| output(Command::new("git").arg("-C").arg(root).args(arguments));
    let hash = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    let changed = !git(&["status", "--porcelain"])?.trim().is_empty();
    Ok(if changed { format!("{hash} and changes") } else { hash })
}

fn told(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let words = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}
