"""What this service publishes."""

from automation.events import privacy, rules, tasks

PUBLISHES = rules.PUBLISHES | tasks.PUBLISHES | privacy.PUBLISHES
