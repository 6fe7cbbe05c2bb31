"""Attack: a file in the store of results names the serializer that reads the file."""

from pathlib import Path
from typing import Any

import pytest
from prefect._internal.result_records import ResultRecord, ResultRecordMetadata
from prefect.serializers import (
    CompressedJSONSerializer,
    CompressedPickleSerializer,
    JSONSerializer,
    PickleSerializer,
    Serializer,
)

from tasks.runtime.caching import SERIALIZERS
from trading.domain.errors import PermanentError
from trading.domain.messages import plain
from trading.news.items import NewsDigest


class Evil:
    """Touches a file when unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("serializer", [PickleSerializer(), CompressedPickleSerializer()])
def test_a_pickle_is_not_loaded(serializer: "Serializer[Any]", tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    metadata = ResultRecordMetadata(serializer=serializer, storage_key="news-1")
    blob = ResultRecord(result=Evil(marker), metadata=metadata).serialize()

    with pytest.raises(PermanentError):
        ResultRecord.deserialize(blob)

    assert not marker.exists()


@pytest.mark.parametrize("serializer", [JSONSerializer(), CompressedJSONSerializer()])
def test_a_json_that_names_a_class_is_not_loaded(serializer: "Serializer[Any]") -> None:
    metadata = ResultRecordMetadata(serializer=serializer, storage_key="news-1")
    blob = ResultRecord(result={"x": 1}, metadata=metadata).serialize()
    with pytest.raises(PermanentError):
        ResultRecord.deserialize(blob)


def test_our_own_format_is_read() -> None:
    serializer = SERIALIZERS["news"]
    digest = NewsDigest(warnings=(plain("none"),))
    metadata = ResultRecordMetadata(serializer=serializer, storage_key="news-1")
    blob = ResultRecord(result=digest, metadata=metadata).serialize()
    assert ResultRecord.deserialize(blob).result == digest
