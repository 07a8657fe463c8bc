# The build stage has a C++ toolchain, because npm compiles the SQLite driver where no ready-made one fits.
# The image itself has no toolchain.
FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json rolldown.config.mjs ./
COPY src src
COPY words words
COPY bench bench
COPY harness harness
COPY torture torture
COPY migrations migrations
COPY labels labels
COPY scripts scripts
RUN node scripts/ready.mjs && npm prune --omit=dev --no-audit --no-fund && node scripts/bundle/image-sbom.mjs > sbom.cdx.json

FROM node:24-bookworm-slim
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Claimstamp" \
      org.opencontainers.image.description="Factory serialization for devices that run the Ioto agent" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="node:24-bookworm-slim" \
      claimstamp.sbom="/app/sbom.cdx.json"
# `ip` reads the IPv6 neighbours (link addresses).
RUN apt-get update && apt-get install -y --no-install-recommends iproute2 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4100 CLAIMSTAMP_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/migrations dist/migrations
COPY --from=build /app/sbom.cdx.json ./
COPY labels labels
COPY assets assets
COPY passwords passwords
COPY docs docs
COPY README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md THIRD_PARTY_NOTICES ./
# Any user can run the image: with --user UID, the engine gives the user the group 0, which may write to /data.
RUN install -d -o node -g 0 -m 770 /data \
 && chmod 755 dist/src/cli/claimstamp.js dist/src/cli/serialize.js \
 && ln -s /app/dist/src/cli/claimstamp.js /usr/local/bin/claimstamp \
 && ln -s /app/dist/src/cli/serialize.js /usr/local/bin/serialize
USER 1000:0
VOLUME /data
EXPOSE 4100
# No command of the image needs a shell.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "const s = JSON.parse(require('fs').readFileSync(process.env.CLAIMSTAMP_DATA + '/serve.json')); fetch(s.url + '/readyz', { headers: { authorization: 'Bearer ' + s.token } }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "dist/src/cli/claimstamp.js", "serve"]
