"""Reader of the candle files that people have: column names, times and containers of each format.

file -> frame with the columns date, open, high, low, close, volume, one row for each candle

| format | layout |
|---|---|
| Feather, Parquet | columns by name (freqtrade's Feather: date, open, high, low, close, volume) |
| CSV | columns by name, or Binance's order without a header |
| ZIP | one CSV file, as Binance Vision publishes |
| JSON | freqtrade's rows of [milliseconds, open, high, low, close, volume], or objects by name |

Binance Vision (github.com/binance/binance-public-data, README read 2026-11-30): futures files have
a header, spot files do not, and spot files count microseconds from 2025 on. So column names are
compared without capitals, and each time is read by its size as seconds, milliseconds,
microseconds or nanoseconds.
"""

import csv
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trading.domain.errors import BadInput

FUNDING_COLUMNS = ("date", "open")
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file, and of the CSV inside a ZIP: over ten years of candles of one minute."""

_DATE_NAMES = ("date", "open_time", "open time", "timestamp", "time", "datetime", "calc_time")
_RATE_NAMES = ("open", "last_funding_rate", "funding_rate", "fundingrate")
_BARE_COLUMNS = ("date", "open", "high", "low", "close", "volume")
"""Of a file without a header: the order of Binance, Bybit, ccxt and freqtrade."""
_MOST_BARE_COLUMNS = 12  # of Binance's klines

# Smallest Unix time of each unit: 10^11 seconds are the year 5138, 10^11 ms the year 1973.
_MS_FROM, _US_FROM, _NS_FROM = 10**11, 10**14, 10**17
_LAST_MS = 9.2e12  # the year 2261, pandas' last

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)

SUFFIXES = (".feather", ".parquet", ".csv", ".zip", ".json")


def read_candle_file(path: Path, *, columns: tuple[str, ...]) -> pd.DataFrame:
    """
    The columns in order, rows counted from 0: dates as aware UTC, other columns as floats.

    A value that is no number becomes NaN; the caller checks the values.

    Args:
        path: the file.
        columns: names of the result; "date" is a time.

    Raises:
        BadInput: for an unknown suffix, an unreadable file, a missing column or an unreadable
            date, naming the file, and the row of a date.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name} is not one of these files: {', '.join(SUFFIXES)}.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{path.name} is larger than {LARGEST_FILE // 2**20} MB.")
        frame = _name_columns(reader(path))
    except (OSError, ValueError, TypeError, zipfile.BadZipFile, csv.Error, RecursionError):
        raise BadInput(f"{path.name} is not a readable {path.suffix} file.") from None
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise BadInput(f"{path.name} lacks the column {', '.join(missing)}.")
    frame = frame[list(columns)].reset_index(drop=True)
    numbers = {name: _parse_numbers(frame[name]) for name in columns if name != "date"}
    return frame.assign(date=_parse_dates(frame["date"], path=path), **numbers)


def refuse_rows(bad: "pd.Series[Any]", *, path: Path, sentence: str) -> None:
    """Raise BadInput naming the first bad row, counted from 1 without a header."""
    if bad.any():
        raise BadInput(f"{path.name} row {int(bad.to_numpy().argmax()) + 1}: {sentence}.")


def _name_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns under our names; a name of ours hides the same value under another name."""
    names = [str(name).strip().lower() for name in frame.columns]
    frame = frame.set_axis(names, axis=1)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    for ours, others in (("date", _DATE_NAMES), ("open", _RATE_NAMES)):
        found = next((name for name in others if name in frame.columns), None)
        if ours not in frame.columns and found is not None:
            frame = frame.rename(columns={found: ours})
    return frame


def _read_csv(source: "Path | BytesIO") -> pd.DataFrame:
    """A CSV with a header, or without one: then the second cell is a price."""
    frame = pd.read_csv(source, header=None, dtype=str, skipinitialspace=True)
    first = [str(cell).strip() for cell in frame.iloc[0]]
    if len(first) < 2 or pd.isna(pd.to_numeric(first[1], errors="coerce")):
        return frame.iloc[1:].set_axis(first, axis=1).reset_index(drop=True)
    return _name_bare(frame)


def _name_bare(frame: pd.DataFrame) -> pd.DataFrame:
    """A table without names. Raises ValueError for a number of columns that no venue writes."""
    if not len(_BARE_COLUMNS) <= frame.shape[1] <= _MOST_BARE_COLUMNS:
        raise ValueError("no candles")
    return frame.iloc[:, : len(_BARE_COLUMNS)].set_axis(list(_BARE_COLUMNS), axis=1)


def _read_zip(path: Path) -> pd.DataFrame:
    """The only CSV file of an archive. Raises ValueError for another content."""
    with zipfile.ZipFile(path) as archive:
        names = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
        if len(names) != 1 or names[0].file_size > LARGEST_FILE:
            raise ValueError("one CSV file is expected")
        return _read_csv(BytesIO(archive.read(names[0])))


def _read_json(path: Path) -> pd.DataFrame:
    """Rows of numbers (freqtrade) or of objects. Raises ValueError for another content."""
    # Numbers stay text: a float would change the digits of a price.
    rows = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    if not isinstance(rows, list) or not rows:
        raise ValueError("a list is expected")
    if all(isinstance(row, dict) for row in rows):
        return pd.DataFrame(rows)
    if all(isinstance(row, list) for row in rows):
        return _name_bare(pd.DataFrame(rows))
    raise ValueError("rows are expected")


_READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    ".feather": pd.read_feather,
    ".parquet": pd.read_parquet,
    ".csv": _read_csv,
    ".zip": _read_zip,
    ".json": _read_json,
}


def _parse_numbers(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Floats nearest to the written digits; pandas' own parser may miss the last digit."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    text = values.map(str).str.strip()
    is_number = text.str.fullmatch(_NUMBER)
    return text.where(is_number, "nan").map(float).astype("float64")


def _parse_dates(dates: "pd.Series[Any]", *, path: Path) -> "pd.Series[Any]":
    """ISO 8601 text or instants (naive means UTC), or Unix time of any unit."""
    if pd.api.types.is_datetime64_any_dtype(dates):
        parsed = pd.Series(pd.to_datetime(dates, utc=True))
    else:
        numbers = _parse_numbers(dates)
        words = dates.where(numbers.isna(), None).tolist()
        written = pd.to_datetime(words, format="ISO8601", utc=True, errors="coerce")
        parsed = _parse_unix_times(numbers).fillna(pd.Series(written))
    sentence = "the date can't be read as ISO 8601 or Unix time"
    refuse_rows(parsed.isna(), path=path, sentence=sentence)
    return parsed


def _parse_unix_times(numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    """Instants of Unix times, the unit told by the size of each; NaT for no time."""
    values = numbers.to_numpy(dtype="float64")
    scale = np.select(
        [values < _MS_FROM, values < _US_FROM, values < _NS_FROM], [1e3, 1.0, 1e-3], default=1e-6
    )
    milliseconds = np.nan_to_num(values * scale, nan=-1, posinf=-1, neginf=-1)
    is_time = (milliseconds >= 0) & (milliseconds < _LAST_MS)
    whole = np.where(is_time, milliseconds, 0).astype("int64")
    return pd.Series(pd.to_datetime(whole, unit="ms", utc=True)).where(pd.Series(is_time))
