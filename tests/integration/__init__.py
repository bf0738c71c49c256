"""Tests against doubles of outside services: BigQuery and ClickHouse."""
