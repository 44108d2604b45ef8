"""Keras applications at small sizes, and the layers of images."""

import keras
from keras import layers

from catalogue import exported, floats, model

applications = keras.applications


def application(build, size, folder, **options):
    network = build(weights=None, input_shape=(size, size, 3), classifier_activation=None, **options)
    return exported(network, folder, floats(1, size, size, 3), floats(2, size, size, 3, seed=2))


@model("depthwise convolutions with relu6")
def mobilenet_v1(folder):
    return application(applications.MobileNet, 64, folder, classes=20)


@model("inverted residuals")
def mobilenet_v2(folder):
    return application(applications.MobileNetV2, 64, folder, classes=20)


@model("squeeze and excite, hard swish")
def mobilenet_v3(folder):
    return application(applications.MobileNetV3Small, 64, folder, classes=20)


@model("residual blocks")
def resnet_50(folder):
    return application(applications.ResNet50, 64, folder, classes=20)


@model("concatenated features")
def densenet_121(folder):
    return application(applications.DenseNet121, 64, folder, classes=20)


@model("swish, squeeze and excite, rescaling inside")
def efficientnet_b0(folder):
    return application(applications.EfficientNetB0, 64, folder, classes=20)


@model("fused inverted residuals")
def efficientnet_v2_b0(folder):
    return application(applications.EfficientNetV2B0, 64, folder, classes=20)


@model("branches of several sizes, average pooling")
def inception_v3(folder):
    return application(applications.InceptionV3, 80, folder, classes=20)


@model("separable convolutions")
def xception(folder):
    return application(applications.Xception, 72, folder, classes=20)


@model("cells of separable convolutions")
def nasnet_mobile(folder):
    return application(applications.NASNetMobile, 64, folder, classes=20)


@model("layer norm, gelu, large depthwise kernels")
def convnext_tiny(folder):
    return application(applications.ConvNeXtTiny, 64, folder, classes=20)


@model("plain convolutions")
def vgg_16(folder):
    return application(applications.VGG16, 32, folder, include_top=False, pooling="max")


@model("convolutions over volumes")
def conv3d(folder):
    inputs = keras.Input((8, 10, 10, 2), name="x")
    x = layers.Conv3D(4, 3, activation="relu", padding="same", strides=(1, 2, 2))(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPool3D(2)(x)
    x = layers.Conv3D(6, (1, 3, 3), dilation_rate=(1, 2, 2), padding="same")(x)
    x = layers.AveragePooling3D((2, 1, 1), padding="same")(x)
    x = layers.Conv3DTranspose(3, 3, strides=2, padding="same")(x)
    outputs = layers.Dense(4)(layers.GlobalAveragePooling3D()(x))
    return exported(keras.Model(inputs, outputs), folder, floats(2, 8, 10, 10, 2))


@model("an autoencoder with transposed convolutions")
def autoencoder(folder):
    inputs = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="elu")(inputs)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="selu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(10, activation="tanh")(x)
    x = layers.Dense(8 * 8 * 16, activation="softplus")(x)
    x = layers.Reshape((8, 8, 16))(x)
    x = layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    outputs = layers.Conv2DTranspose(3, 4, activation="sigmoid", padding="valid")(x)
    return exported(keras.Model(inputs, outputs), folder, floats(2, 32, 32, 3))


@model("segmentation: skip connections, upsampling, cropping")
def unet(folder):
    inputs = keras.Input((None, None, 1), name="image")
    down, skips = inputs, []
    for filters in (4, 8):
        down = layers.Conv2D(filters, 3, padding="same", activation="relu")(down)
        skips.append(down)
        down = layers.MaxPool2D()(down)
    up = layers.Conv2D(16, 3, padding="same", activation="leaky_relu")(down)
    for filters, skip in zip((8, 4), reversed(skips)):
        up = layers.UpSampling2D()(up)
        up = layers.Concatenate()([up, skip])
        up = layers.Conv2D(filters, 3, padding="same", activation="relu")(up)
    outputs = layers.Softmax()(layers.Conv2D(3, 1)(layers.Cropping2D(1)(layers.ZeroPadding2D((2, 1))(up))))
    return exported(keras.Model(inputs, outputs), folder, floats(1, 16, 24, 1), floats(2, 8, 8, 1))


@model("groups, dilations, locally shared layers, every normalization")
def convolutions(folder):
    inputs = keras.Input((20, 20, 6), name="x")
    x = layers.Conv2D(12, 3, groups=3, padding="same")(inputs)
    x = layers.GroupNormalization(4)(x)
    x = layers.Conv2D(8, 3, dilation_rate=2, activation="gelu")(x)
    x = layers.LayerNormalization()(x)
    x = layers.SeparableConv2D(8, 5, padding="same", depth_multiplier=2, activation="silu")(x)
    x = layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2, activation="relu6")(x)
    x = layers.UnitNormalization()(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.SpectralNormalization(layers.Conv2D(4, 1))(x)
    outputs = [layers.GlobalMaxPool2D(name="largest")(x), layers.Flatten(name="all")(layers.AveragePooling2D(2)(x))]
    return exported(keras.Model(inputs, outputs), folder, floats(2, 20, 20, 6))


@model("convolutions over time")
def conv1d(folder):
    inputs = keras.Input((None, 4), name="series")
    x = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu")(inputs)
    x = layers.SeparableConv1D(8, 3, padding="same")(x)
    x = layers.DepthwiseConv1D(2, strides=2)(x)
    x = layers.MaxPool1D(2, padding="same")(x)
    x = layers.Conv1DTranspose(4, 3, strides=2, padding="same")(x)
    x = layers.UpSampling1D(2)(layers.ZeroPadding1D(1)(x))
    outputs = layers.Dense(2)(layers.GlobalMaxPooling1D()(x))
    return exported(keras.Model(inputs, outputs), folder, floats(2, 20, 4), floats(1, 13, 4))


@model("two towers with one set of weights")
def siamese(folder):
    tower = keras.Sequential([layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(8)])
    left, right = keras.Input((12, 12, 1), name="left"), keras.Input((12, 12, 1), name="right")
    similarity = layers.Dot(1, normalize=True)([tower(left), tower(right)])
    network = keras.Model([left, right], similarity)
    return exported(network, folder, [floats(3, 12, 12, 1), floats(3, 12, 12, 1, seed=2)])
