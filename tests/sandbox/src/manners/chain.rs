//! Which requests had to wait for one another. Pure.

use std::time::Duration;

use super::Request;

/// The longest chain of requests in which each began after the one before it had ended: its length is the number of
/// round trips that no concurrency shortens. Of two such chains, the one whose requests ended last: it is the one that
/// was waited for.
pub fn chain(requests: &[Request]) -> Vec<&Request> {
    let mut ordered = Vec::from_iter(requests);
    ordered.sort_by_key(|request| request.began);
    // For each request the length of the longest chain that ends with it, and the one before it there.
    let mut links: Vec<(usize, Option<usize>)> = Vec::new();
    let longest = |links: &[(usize, Option<usize>)], before: Option<Duration>| {
        let chains = links.iter().zip(&ordered).enumerate();
        let fit = chains.filter(|(_, (_, request))| before.is_none_or(|began| request.ended <= began));
        fit.max_by_key(|(_, ((length, _), request))| (*length, request.ended)).map(|(index, _)| index)
    };
    for request in &ordered {
        let before = longest(&links, Some(request.began));
        links.push((before.map_or(0, |index| links[index].0) + 1, before));
    }
    let mut chain = Vec::new();
    let mut next = longest(&links, None);
    while let Some(index) = next {
        chain.push(ordered[index]);
        next = links[index].1;
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The operations of the chain in requests of these operations, beginnings and ends.
    fn operations(requests: &[(&str, u64, u64)]) -> Vec<String> {
        let requests = requests.iter().map(|(operation, began, ended)| Request {
            number: 0,
            service: String::new(),
            operation: (*operation).to_owned(),
            began: Duration::from_millis(*began),
            ended: Duration::from_millis(*ended),
            status: 200,
            input: Value::Null,
        });
        chain(&Vec::from_iter(requests)).into_iter().map(|request| request.operation.clone()).collect()
    }

    #[test]
    fn the_chain_holds_what_waited_for_one_another() {
        let requests = [
            ("GetCallerIdentity", 0, 10),
            ("GetRole", 10, 20),
            ("GetPolicy", 11, 24),
            ("CreateRole", 25, 35),
            ("PutRule", 25, 34),
            ("AttachRolePolicy", 35, 45),
        ];
        let expected = ["GetCallerIdentity", "GetPolicy", "CreateRole", "AttachRolePolicy"];
        assert_eq!(operations(&requests), expected);
    }

    #[test]
    fn requests_that_overlap_are_one_round_trip_in_whatever_order_they_are_told() {
        for (requests, expected) in [
            (&[][..], 0),
            (&[("a", 0, 10)], 1),
            (&[("a", 0, 10), ("b", 1, 9), ("c", 2, 30)], 1),
            (&[("a", 0, 10), ("b", 10, 20), ("c", 5, 40), ("d", 21, 22)], 3),
            (&[("a", 21, 22), ("b", 0, 10), ("c", 5, 40), ("d", 41, 42)], 3),
        ] {
            assert_eq!(operations(requests).len(), expected, "{requests:?}");
        }
    }
}
