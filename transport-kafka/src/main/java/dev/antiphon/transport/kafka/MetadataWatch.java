package dev.antiphon.transport.kafka;

import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Tells when a native consumer has learnt more about topics: a deserializer is among those that the consumer tells. */
final class MetadataWatch extends ByteArrayDeserializer implements ClusterResourceListener {

    private volatile Runnable callback = () -> {};

    /** From now on, on the thread that polls. */
    void notify(Runnable newCallback) {
        callback = newCallback;
    }

    @Override
    public void onUpdate(ClusterResource cluster) {
        callback.run();
    }
}
