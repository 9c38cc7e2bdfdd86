# A server in a container: docker build -t glowplug . && docker run -v glowplug:/data -p 8787:8787 -p 127.0.0.1:8788:8788 glowplug
FROM rust:1.95-slim-bookworm AS build
# For aws-lc (TLS, sealed secrets) and SQLite, which are compiled from source.
RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked && strip target/release/glowplug

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home glowplug
COPY --from=build /src/target/release/glowplug /usr/local/bin/glowplug
USER glowplug
ENV GLOWPLUG_DATA=/data/state \
    GLOWPLUG_LISTEN=0.0.0.0:8787 \
    # Inside the container only; publish it on the host's loopback, as above.
    GLOWPLUG_ADMIN=0.0.0.0:8788
VOLUME /data
EXPOSE 8787 8788
STOPSIGNAL SIGTERM
ENTRYPOINT ["glowplug"]
CMD ["serve"]
