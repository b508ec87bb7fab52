"""Fetches what the collectors have; which they are stands in have_collector.json beside this file."""
import json
import os
from datetime import datetime, timedelta

from airflow.models import DAG
from airflow.operators.bash_operator import BashOperator

with open(os.path.join(os.path.dirname(__file__), "have_collector.json")) as source:
    collectors = json.load(source)

dag = DAG(
    "fetcher",
    schedule_interval=timedelta(hours=1),
    start_date=datetime(2017, 8, 31),
    catchup=False,
)

for collector in collectors:
    BashOperator(
        task_id="fetch_%s" % collector.replace(".", "_").replace("-", "_"),
        bash_command="docker-trampoline fetch-collector %s" % collector,
        dag=dag,
    )
