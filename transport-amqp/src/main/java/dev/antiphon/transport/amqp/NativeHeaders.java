package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Headers that stand for native properties which a message has no field for: {@code amqp-message-id} and so on. They
 * become properties when they are sent, and are among the headers of what is received.
 */
@SuppressWarnings("JavaUtilDate") // the native client's type
final class NativeHeaders {

    static final String PREFIX = "amqp-";

    static final String MESSAGE_ID = "amqp-message-id";
    static final String TYPE = "amqp-type";
    static final String APP_ID = "amqp-app-id";
    /** Seconds since 1970, as in the protocol. */
    static final String TIMESTAMP = "amqp-timestamp";

    static final String CONTENT_ENCODING = "amqp-content-encoding";
    static final String PRIORITY = "amqp-priority";
    static final String DELIVERY_MODE = "amqp-delivery-mode";
    /** Of messages that are neither request nor reply. */
    static final String CORRELATION_ID = "amqp-correlation-id";
    /** Of messages that are neither request nor reply: milliseconds. */
    static final String EXPIRATION = "amqp-expiration";
    /** Received only: the broker has checked it. */
    static final String USER_ID = "amqp-user-id";

    private static final Set<String> ALWAYS =
            Set.of(MESSAGE_ID, TYPE, APP_ID, TIMESTAMP, CONTENT_ENCODING, PRIORITY, DELIVERY_MODE);

    private NativeHeaders() {}

    /** The headers that stand for no property. */
    static Headers others(Headers headers) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(ALWAYS);
        names.addAll(List.of(CORRELATION_ID, EXPIRATION, USER_ID));
        Headers rest = headers;
        for (String name : headers.names()) {
            if (names.contains(name)) {
                rest = rest.without(name);
            }
        }
        return rest;
    }

    /** These properties with those that the headers name. */
    static BasicProperties apply(Headers headers, BasicProperties properties, boolean publication) {
        BasicProperties.Builder builder = properties.builder();
        headers.forEach((name, value) -> apply(name.toLowerCase(Locale.ROOT), value, builder, publication));
        return builder.build();
    }

    private static void apply(String name, String value, BasicProperties.Builder builder, boolean publication) {
        switch (name) {
            case MESSAGE_ID -> builder.messageId(MessageCodec.checkShort(name, value));
            case TYPE -> builder.type(MessageCodec.checkShort(name, value));
            case APP_ID -> builder.appId(MessageCodec.checkShort(name, value));
            case CONTENT_ENCODING -> builder.contentEncoding(MessageCodec.checkShort(name, value));
            case TIMESTAMP -> builder.timestamp(new Date(Math.multiplyExact(number(name, value, 1L << 40), 1000)));
            case PRIORITY -> builder.priority((int) number(name, value, 255));
            case DELIVERY_MODE -> builder.deliveryMode((int) Math.max(1, number(name, value, 2)));
            case CORRELATION_ID -> builder.correlationId(MessageCodec.checkShort(name, own(name, value, publication)));
            case EXPIRATION ->
                builder.expiration(Long.toString(number(name, own(name, value, publication), 0xffff_ffffL)));
            default -> {
                // not a property, or one that only the broker can vouch for
            }
        }
    }

    /** What requests and replies have of their own. */
    private static String own(String name, String value, boolean publication) {
        if (!publication) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the header " + name + " can not be set on a request or a reply; the library sets the property");
        }
        return value;
    }

    private static long number(String name, String value, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // told below
        }
        throw new AntiphonException(
                ErrorCode.INVALID_ARGUMENT,
                "the header " + name + " is a whole number from 0 to " + most + "; got \"" + value + "\"");
    }

    /** Whether a received message has no property that is shown as a header. */
    static boolean hasNone(BasicProperties properties, boolean isReply) {
        return properties.getMessageId() == null
                && properties.getType() == null
                && properties.getAppId() == null
                && properties.getTimestamp() == null
                && properties.getContentEncoding() == null
                && properties.getPriority() == null
                && properties.getUserId() == null
                && (isReply || properties.getCorrelationId() == null || properties.getReplyTo() != null);
    }

    /** Names and values for the properties of a received message. */
    static List<String> of(BasicProperties properties, boolean isReply) {
        List<String> pairs = new ArrayList<>();
        add(pairs, MESSAGE_ID, properties.getMessageId());
        add(pairs, TYPE, properties.getType());
        add(pairs, APP_ID, properties.getAppId());
        add(pairs, TIMESTAMP, seconds(properties.getTimestamp()));
        add(pairs, CONTENT_ENCODING, properties.getContentEncoding());
        add(pairs, PRIORITY, properties.getPriority());
        add(pairs, USER_ID, properties.getUserId());
        if (!isReply && properties.getReplyTo() == null) {
            add(pairs, CORRELATION_ID, properties.getCorrelationId());
        }
        return pairs;
    }

    private static @Nullable Long seconds(@Nullable Date date) {
        return date == null ? null : date.getTime() / 1000;
    }

    private static void add(List<String> pairs, String name, @Nullable Object value) {
        if (value != null) {
            pairs.add(name);
            pairs.add(value.toString());
        }
    }
}
