from common.base_models import ALPHABET, LENGTH, public_id


def test_public_ids_are_opaque_and_unique() -> None:
    ids = {public_id() for _ in range(2_000)}

    assert len(ids) == 2_000
    assert all(len(public_id) == LENGTH and set(public_id) <= set(ALPHABET) for public_id in ids)
