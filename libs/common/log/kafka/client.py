"""The one door to aiokafka: what the adapter uses of it, so that it can be swapped in one place.

Version 0.14 is the oldest allowed: before it a cancelled fetch ended the consumer for good.
"""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.structs import OffsetAndMetadata

__all__ = [
    "AIOKafkaAdminClient",
    "AIOKafkaConsumer",
    "AIOKafkaProducer",
    "ConfigResource",
    "ConfigResourceType",
    "ConsumerRebalanceListener",
    "ConsumerRecord",
    "IllegalStateError",
    "KafkaError",
    "MessageSizeTooLargeError",
    "NewTopic",
    "OffsetAndMetadata",
    "ProducerClosed",
    "RangePartitionAssignor",
    "TopicAlreadyExistsError",
    "TopicPartition",
    "for_code",
]
