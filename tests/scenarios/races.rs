//! Two deploys at once.

use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::world::{CONFIG, Emulator, World};

#[test]
fn two_deploys_at_once_come_to_one_end() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let both = |world: &World| {
        std::thread::scope(|scope| {
            let one = scope.spawn(|| world.tanets(&["deploy", "--yes"]));
            let other = world.tanets(&["deploy", "--yes"]);
            [one.join().expect("it ended"), other]
        })
    };
    for config in [CONFIG.to_owned(), CONFIG.replace("= 128", "= 256")] {
        world.write(&config);
        let ended = both(&world);
        assert!(ended.iter().any(|run| run.code == 0), "{ended:#?}");
        for loser in ended.iter().filter(|run| run.code != 0) {
            assert_eq!(loser.code, 1, "{loser:#?}");
            assert!(loser.stderr.contains("hint: "), "{loser:#?}");
        }
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
        let neighbour = Neighbour::of(&world);
        assert_eq!(
            (neighbour.target_ids(), neighbour.statement_ids()),
            (vec!["tanets".into()], vec!["tanets".into()])
        );
    }
    world.succeed(&["destroy", "--yes"]);
}
