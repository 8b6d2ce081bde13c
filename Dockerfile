# syntax=docker/dockerfile:1
ARG NODE=24.11.1

# The full image has the compiler that better-sqlite3 needs where no prebuilt binary can be downloaded.
FROM node:${NODE}-bookworm AS build
WORKDIR /app
# Mirrors, where they are named.
ARG npm_config_registry
ARG npm_config_better_sqlite3_binary_host
COPY package.json package-lock.json .npmrc ./
COPY scripts/object-wrap.h ./scripts/
RUN CXXFLAGS='-include /app/scripts/object-wrap.h' npm_config_nodedir=/usr/local npm ci --include=dev
COPY . .
RUN node scripts/build.mjs

# What the bundle leaves outside: the native packages and what they load.
FROM build AS modules
RUN mkdir /modules && cd node_modules \
 && cp -a --parents better-sqlite3 bindings file-uri-to-path bcrypt node-gyp-build /modules/ \
 && rm -rf /modules/better-sqlite3/deps /modules/better-sqlite3/src /modules/better-sqlite3/build/Release/obj*

FROM node:${NODE}-bookworm-slim
LABEL org.opencontainers.image.title="Berth" \
      org.opencontainers.image.description="A private container registry for a team" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production BERTH_DATA_DIR=/data
RUN groupadd --gid 10001 berth && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin berth \
 && install -d -o berth -g berth -m 0700 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/public ./public
COPY --from=build /app/locales ./locales
COPY --from=build /app/scripts/healthcheck.mjs ./scripts/
COPY --from=modules /modules ./node_modules
COPY --from=build /app/dist/bundle ./dist/bundle
# The addresses that Berth sees here are none that other machines reach.
RUN touch .container
USER 10001:10001
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["node", "scripts/healthcheck.mjs"]
# Garbage is collected before it takes 48 MB, and templates are compiled by the build, so nothing may turn text into code at run time.
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=20", "--disallow-code-generation-from-strings", "dist/bundle/main.js"]
