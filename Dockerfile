# The command line without anything of Node around it:  docker run --rm -v "$PWD":/work onward lint
FROM node:22-alpine AS build
WORKDIR /build
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm pack --pack-destination /

FROM node:22-alpine
# For `migrate lint --changed`; a repository that is mounted belongs to somebody else.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY --from=build /onward-*.tgz /tmp/onward.tgz
# Without the embedded server, which only the demo and --embedded need.
RUN npm install --global --omit=optional --ignore-scripts --no-audit --no-fund /tmp/onward.tgz && rm /tmp/onward.tgz
USER node
WORKDIR /work
ENTRYPOINT ["migrate"]
