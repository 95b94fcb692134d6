#!/bin/sh
set -e
APP_FEATURE_TOKEN=$(aws ssm get-parameter --with-decryption --name /app/feature-token | jq -r .Parameter.Value)
DB_USERNAME=$(aws secretsmanager get-secret-value --secret-id db | jq -r '.SecretString | fromjson | .username')
DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db | jq -r '.SecretString | fromjson | .password')
export APP_FEATURE_TOKEN DB_USERNAME DB_PASSWORD
exec "$@"
