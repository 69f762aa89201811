"""The log on Apache Kafka. `client.py` is the only door to aiokafka; its traps are closed here.

No wait of aiokafka's is bounded when a broker is silent, an idempotent producer never expires
a record, and a commit may be sent under a newer generation than it was decided in. So every
call has a deadline here, a producer that failed is replaced, and a rebalance cancels the
commits under way.
"""

from libs.common.log.kafka.log import KafkaLog
from libs.common.log.kafka.reader import Timing

__all__ = ["KafkaLog", "Timing"]
