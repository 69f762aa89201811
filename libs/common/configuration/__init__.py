"""The YAML file: its schema, reading it with errors that name line and field, and its versions."""

from libs.common.configuration.active import Active, Configurations
from libs.common.configuration.problems import Invalid, Problem
from libs.common.configuration.schema import Configuration

__all__ = ["Active", "Configuration", "Configurations", "Invalid", "Problem"]
