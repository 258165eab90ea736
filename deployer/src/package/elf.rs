//! As much of ELF as tells whether Lambda can start a program: its machine, and the glibc that it needs.
//!
//! Nothing here trusts the file: every read is checked, and a file that ends early simply says nothing.

/// A program for 64-bit, little-endian Linux. Offsets are those of the ELF-64 specification.
pub(super) struct Elf<'a> {
    bytes: &'a [u8],
}

/// The section type `SHT_GNU_verneed`: versions of the libraries that the program needs.
const NEEDED_VERSIONS: u32 = 0x6fff_fffe;

/// More records than any linker writes: an end for a file whose records go round in circles.
const MOST_RECORDS: usize = 10_000;

impl<'a> Elf<'a> {
    /// The program, if it is one: executable or position-independent.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let elf = Self { bytes };
        let is_program = bytes.starts_with(b"\x7fELF\x02\x01") && matches!(elf.u16(16)?, 2 | 3);
        is_program.then_some(elf)
    }

    /// What it runs on: Lambda's name of the architecture, or the number of another one.
    pub(super) fn machine(&self) -> String {
        match self.u16(18) {
            Some(62) => "x86_64".to_owned(),
            Some(183) => "arm64".to_owned(),
            Some(40) => "32-bit arm".to_owned(),
            Some(243) => "riscv64".to_owned(),
            other => format!("ELF machine {}", other.unwrap_or_default()),
        }
    }

    /// The newest `GLIBC_2.MINOR` that it needs; none if it is linked statically.
    pub(super) fn glibc_minor(&self) -> Option<u32> {
        let sections = self.u64(40)?;
        let (size, count) = (usize::from(self.u16(58)?), usize::from(self.u16(60)?));
        let section = |index: usize| sections.checked_add(size.checked_mul(index)?);
        let needed = (0..count)
            .filter_map(section)
            .find(|section| self.u32(section.saturating_add(4)) == Some(NEEDED_VERSIONS))?;
        let names = section(self.u32(needed.checked_add(40)?)? as usize)?;
        let (first, names) = (self.u64(needed.checked_add(24)?)?, self.u64(names.checked_add(24)?)?);
        // A chain of libraries (each with the distance to the next at +12); from +8 of each, a chain of versions
        // (name at +8, distance to the next at +12).
        let libraries = self.chain(first);
        let versions =
            libraries.filter_map(|library| self.step(library, 8)).flat_map(|first| self.chain(first));
        versions
            .filter_map(|version| self.text(names.checked_add(self.u32(version.checked_add(8)?)? as usize)?))
            .filter_map(|name| name.strip_prefix("GLIBC_2.")?.split('.').next()?.parse().ok())
            .max()
    }

    /// The records from `first` on: the distance to the next one is at +12, and 0 in the last.
    fn chain(&self, first: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(first), |record| self.step(*record, 12).filter(|next| next != record))
            .take(MOST_RECORDS)
    }

    /// Where the distance that stands in a field of a record leads.
    fn step(&self, record: usize, field: usize) -> Option<usize> {
        record.checked_add(self.u32(record.checked_add(field)?)? as usize)
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        let rest = self.bytes.get(at..)?;
        std::str::from_utf8(&rest[..rest.iter().position(|byte| *byte == 0)?]).ok()
    }

    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Option<usize> {
        self.array(at).map(u64::from_le_bytes)?.try_into().ok()
    }
}

/// What a file that is no such program is, as far as its first bytes tell.
pub(super) fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "empty",
        [0x7f, b'E', b'L', b'F', 1, ..] => "a 32-bit program",
        [0x7f, b'E', b'L', b'F', ..] => "a library or object file",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => "a program for macOS",
        [b'M', b'Z', ..] => "a program for Windows",
        [b'#', b'!', ..] => "a script",
        _ => "something else",
    }
}
