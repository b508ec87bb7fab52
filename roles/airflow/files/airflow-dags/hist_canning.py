"""Packs each day's reports, sanitizes them, and fills the metadata database."""
from datetime import datetime, timedelta

from airflow.models import DAG
from airflow.operators.bash_operator import BashOperator

dag = DAG(
    "hist_canning",
    schedule_interval=timedelta(days=1),
    start_date=datetime(2012, 12, 5),
    catchup=False,
    default_args={"retries": 1},
)

previous = None
for step in ("reports-raw-merge", "canning", "autoclaving", "meta-pg"):
    task = BashOperator(
        task_id=step.replace("-", "_"),
        bash_command="docker-trampoline %s {{ ds }}" % step,
        dag=dag,
    )
    if previous is not None:
        previous >> task
    previous = task
