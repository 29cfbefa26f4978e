from common.ids import ALPHABET, LENGTH, public_id


def test_public_ids_are_opaque_and_unique() -> None:
    ids = {public_id() for _ in range(2_000)}

    assert len(ids) == 2_000
    assert all(len(one) == LENGTH and set(one) <= set(ALPHABET) for one in ids)
