#!/bin/sh
set -e
BENCHMARK_PARAMETER_00=$(aws ssm get-parameter --with-decryption --name /benchmark/parameter-00 | jq -r .Parameter.Value)
BENCHMARK_SECRET_0_KEY_0=$(aws secretsmanager get-secret-value --secret-id benchmark/secret-0 |
	jq -r '.SecretString | fromjson | ."key-0"')
export BENCHMARK_PARAMETER_00 BENCHMARK_SECRET_0_KEY_0
exec "$@"
