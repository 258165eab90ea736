//! The versions of search servers that can be started, and what each can do.

use crate::java::Java;
use crate::python::{JAVA_17, OPENSEARCH};

/// Who makes a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Of the OpenSearch project.
    OpenSearch,
    /// Of Elastic.
    Elasticsearch,
}

/// A version of a search server.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Who makes it.
    pub product: Product,
    /// As the server tells it, such as `3.8.0`.
    pub version: &'static str,
    /// What it runs on.
    pub java: Java,
    /// Whether it knows timestamps with nanoseconds.
    pub date_nanos: bool,
    /// Whether it knows data streams, as it is packaged here: without most of its modules.
    pub data_streams: bool,
    /// Whether it is started with users and passwords.
    pub secured: bool,
}

/// Java 25 runs all of them, though the oldest was made for 8 to 17.
const OPENSEARCH_1: Release = Release {
    product: Product::OpenSearch,
    version: "1.3.13",
    java: Java::Packaged(OPENSEARCH),
    date_nanos: true,
    data_streams: true,
    secured: false,
};

/// The one that sandbox and most tests use.
pub const OPENSEARCH_3: Release = Release { version: "3.8.0", ..OPENSEARCH_1 };

/// Its newest Java is 17: a later one has no security manager, which 7 insists on.
const ELASTICSEARCH_6: Release = Release {
    product: Product::Elasticsearch,
    version: "6.8.23",
    java: Java::Packaged(JAVA_17),
    date_nanos: false,
    data_streams: false,
    secured: false,
};

const ELASTICSEARCH_8: Release = Release {
    version: "8.19.21",
    java: Java::Installed { from: 17, to: 25 },
    date_nanos: true,
    data_streams: true,
    secured: true,
    ..ELASTICSEARCH_6
};

/// Every version that the product is proven on: those of Elasticsearch that Amazon still runs, the last of each line
/// of Elastic's, and each line of OpenSearch.
pub const RELEASES: [Release; 8] = [
    OPENSEARCH_1,
    Release { version: "2.19.1", ..OPENSEARCH_1 },
    OPENSEARCH_3,
    ELASTICSEARCH_6,
    Release { version: "7.10.2", date_nanos: true, ..ELASTICSEARCH_6 },
    Release { version: "7.17.29", date_nanos: true, secured: true, ..ELASTICSEARCH_6 },
    ELASTICSEARCH_8,
    Release { version: "9.5.3", java: Java::Installed { from: 21, to: 25 }, ..ELASTICSEARCH_8 },
];

impl Release {
    /// Its name in commands and file names, such as `opensearch-3.8.0`.
    pub fn name(&self) -> String {
        let product = match self.product {
            Product::OpenSearch => "opensearch",
            Product::Elasticsearch => "elasticsearch",
        };
        format!("{product}-{}", self.version)
    }

    /// The first number of the version.
    pub(crate) fn major(&self) -> u32 {
        self.version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_has_its_own_name_and_a_major_version() {
        let names: std::collections::BTreeSet<_> = RELEASES.iter().map(Release::name).collect();
        assert_eq!(names.len(), RELEASES.len());
        assert!(RELEASES.iter().all(|release| release.major() > 0));
        assert_eq!(OPENSEARCH_3.name(), "opensearch-3.8.0");
    }
}
