/** The RabbitMQ transport: {@code amqp://} and {@code amqps://}. */
module dev.antiphon.transport.amqp {
    requires transitive dev.antiphon;
    requires com.rabbitmq.client;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.antiphon.transport.amqp;

    provides dev.antiphon.spi.TransportProvider with
            dev.antiphon.transport.amqp.AmqpTransportProvider;
}
