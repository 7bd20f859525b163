# syntax=docker/dockerfile:1
# The worker: compiled in one stage, run by a user without rights in the next.
FROM node:24.21-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
RUN npx --no-install tsc -p tsconfig.build.json \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21-bookworm-slim
ENV NODE_ENV=production \
    OOMSCOPE_HTTP_LISTEN=127.0.0.1:9464
WORKDIR /opt/oomscope
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin/oomscope.js ./bin/oomscope.js
USER node
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is started directly, so that signals reach the worker; the warning is about timers of the Kafka client.
ENTRYPOINT ["node", "--max-old-space-size=512", "--max-semi-space-size=8", "--disable-warning=TimeoutNegativeWarning", "bin/oomscope.js"]
CMD ["worker"]
