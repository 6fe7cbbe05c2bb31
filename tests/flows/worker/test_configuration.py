"""Job configuration of the warm worker."""

from prefect.client.orchestration import PrefectClient

from flows.worker.configuration import WarmJobConfiguration
from flows.worker.worker import WarmWorker


async def test_job_variables_of_the_version_before_are_read(
    prefect_client: PrefectClient,
) -> None:
    """A pool and a deployment may still name the mode of the version before."""
    template = WarmWorker.get_default_base_job_template()
    template["job_configuration"]["mode"] = "{{ mode }}"
    template["variables"]["properties"]["mode"] = {"type": "string", "default": "inprocess"}

    configuration = await WarmJobConfiguration.from_template_and_values(
        base_job_template=template, values={"mode": "fork"}, client=prefect_client
    )

    assert not hasattr(configuration, "mode")
