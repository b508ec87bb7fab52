/** Three numbers: anything else does not compile. */
type ImageVersion = `${number}.${number}.${number}`;

/**
 * Which image the steps of the pipeline run in. To roll out a new one, change it here, then
 *
 *     ./play deploy-pipeline.ts --tags airflow-dags
 */
export const shovelVersion: ImageVersion = '0.0.58';

export const shovelImage = `openobservatory/shovel:${shovelVersion}`;
