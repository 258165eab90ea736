# The Homebrew formula: `cargo xtask finish` fills in version and checksums.
class Tanets < Formula
  desc "Puts yesterday's error counts from Elasticsearch or OpenSearch into Slack"
  homepage "https://github.com/tanets/tanets"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/tanets/tanets/releases/download/v@VERSION@/tanets-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/tanets/tanets/releases/download/v@VERSION@/tanets-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/tanets/tanets/releases/download/v@VERSION@/tanets-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/tanets/tanets/releases/download/v@VERSION@/tanets-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "tanets"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/tanets.bash" => "tanets"
    fish_completion.install "completions/tanets.fish"
    zsh_completion.install "completions/_tanets"
  end

  test do
    assert_match "tanets #{version}", shell_output("#{bin}/tanets -V")
  end
end
