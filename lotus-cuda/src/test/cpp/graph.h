// cuDNN's graph API, as far as one attention goes: descriptors are bags of attributes, which are checked when they are finalized.
// Part of cudnn.cpp.
#pragma once
#include <cmath>
#include <map>
#include <string>

namespace {

enum Kind { ENGINE = 3, HEURISTICS = 4, PLAN = 5, GRAPH = 15, VALUES = 16, TENSOR = 17, ATTENTION = 41 };
enum Attribute {
    MODE = 200, HEURISTICS_GRAPH = 201, RESULTS = 202, PLAN_HANDLE = 400, PLAN_ENGINE = 401, PLAN_WORKSPACE = 402,
    GRAPH_HANDLE = 800, GRAPH_OPERATIONS = 801, ALIGNMENT = 900, TYPE = 901, DIMENSIONS = 902, STRIDES = 903, ID = 906, BY_VALUE = 908,
    IDS = 1000, POINTERS = 1001, VALUES_WORKSPACE = 1003, Q = 2800, K = 2801, V = 2802, OUT = 2803, SCALE = 2805
};
constexpr int BOOLEAN_TYPE = 2;
constexpr int INT64_TYPE = 3;
constexpr int DESCRIPTOR_TYPE = 15;
constexpr int MODE_A = 3;

/** What becomes of plans: there are none, they are right, or they take keys for values. */
enum Graphs { REFUSED = 0, RIGHT = 1, WRONG = 2 };
int graphs = RIGHT;
int runs;
thread_local std::string lastError;

struct Descriptor {
    int kind;
    bool complete = false;
    std::map<int, std::vector<int64_t>> attributes;

    bool has(int attribute) const { return attributes.count(attribute) > 0; }
    const std::vector<int64_t> &all(int attribute) const { return attributes.at(attribute); }
    int64_t number(int attribute) const { return all(attribute)[0]; }
    const Descriptor *part(int attribute) const { return reinterpret_cast<const Descriptor *>(number(attribute)); }
    bool hasPart(int attribute, int kind) const { return has(attribute) && part(attribute)->kind == kind && part(attribute)->complete; }
};

int refuse(Status status, const char *why) {
    lastError = why;
    return status;
}

/** Of four dimensions: images, heads, tokens, size. */
struct Heads {
    Storage type;
    std::vector<int64_t> sides, strides;
    const void *data;

    explicit Heads(const Descriptor &tensor, const void *data = nullptr)
        : type(storage(tensor.number(TYPE))), sides(tensor.all(DIMENSIONS)), strides(tensor.all(STRIDES)), data(data) {}
    size_t at(int64_t n, int64_t head, int64_t token, int64_t i) const {
        return n * strides[0] + head * strides[1] + token * strides[2] + i * strides[3];
    }
    size_t bytes() const { return (at(sides[0] - 1, sides[1] - 1, sides[2] - 1, sides[3] - 1) + 1) * sizeOf(type); }
    std::vector<float> row(int64_t n, int64_t head, int64_t token) const {
        std::vector<float> values(sides[3]);
        for (int64_t i = 0; i < sides[3]; i++) {
            values[i] = get(data, at(n, head, token, i), type);
        }
        return values;
    }
};

void attend(const Heads &q, const Heads &k, const Heads &v, const Heads &out, float scale) {
    for (int64_t n = 0; n < q.sides[0]; n++) {
        for (int64_t head = 0; head < q.sides[1]; head++) {
            for (int64_t token = 0; token < q.sides[2]; token++) {
                std::vector<float> query = q.row(n, head, token), weights(k.sides[2]), sum(q.sides[3]);
                float most = -INFINITY, total = 0;
                for (int64_t j = 0; j < k.sides[2]; j++) {
                    weights[j] = scale * dot(query.data(), k.row(n, head, j).data(), query.size());
                    most = std::fmax(most, weights[j]);
                }
                for (int64_t j = 0; j < k.sides[2]; j++) {
                    float weight = std::exp(weights[j] - most);
                    total += weight;
                    std::vector<float> value = v.row(n, head, j);
                    for (size_t i = 0; i < sum.size(); i++) {
                        sum[i] += weight * value[i];
                    }
                }
                for (size_t i = 0; i < sum.size(); i++) {
                    put(const_cast<void *>(out.data), out.at(n, head, token, i), out.type, sum[i] / total);
                }
            }
        }
    }
}

bool complete(const Descriptor &d) {
    switch (d.kind) {
    case TENSOR: {
        bool whole = d.has(TYPE) && d.has(ID) && d.has(ALIGNMENT) && d.has(DIMENSIONS) && d.has(STRIDES);
        return whole && d.all(DIMENSIONS).size() == 4 && d.all(STRIDES).size() == 4;
    }
    case ATTENTION: {
        for (int part : {Q, K, V, OUT, SCALE}) {
            if (!d.hasPart(part, TENSOR)) {
                return false;
            }
        }
        Heads q(*d.part(Q)), k(*d.part(K)), v(*d.part(V)), out(*d.part(OUT));
        return q.sides == out.sides && k.sides == v.sides && q.sides[0] == k.sides[0] && q.sides[1] == k.sides[1] &&
               q.sides[3] == k.sides[3] && d.part(SCALE)->has(BY_VALUE);
    }
    case GRAPH: return d.has(GRAPH_HANDLE) && d.number(GRAPH_HANDLE) != 0 && d.hasPart(GRAPH_OPERATIONS, ATTENTION);
    case HEURISTICS: return d.has(MODE) && d.hasPart(HEURISTICS_GRAPH, GRAPH);
    case PLAN: return d.has(PLAN_HANDLE) && d.number(PLAN_HANDLE) != 0 && d.hasPart(PLAN_ENGINE, ENGINE);
    case VALUES: return d.has(IDS) && d.has(POINTERS) && d.has(VALUES_WORKSPACE) && d.all(IDS).size() == d.all(POINTERS).size();
    default: return false;
    }
}

const void *valueOf(const Descriptor &values, const Descriptor &tensor) {
    for (size_t i = 0; i < values.all(IDS).size(); i++) {
        if (values.all(IDS)[i] == tensor.number(ID)) {
            return reinterpret_cast<const void *>(values.all(POINTERS)[i]);
        }
    }
    return nullptr;
}

} // namespace

extern "C" {

void simulatedGraphs(int which) { graphs = which; }
int simulatedGraphRuns() { return runs; }

void cudnnGetLastErrorString(char *text, size_t bytes) {
    std::snprintf(text, bytes, "%s\n", lastError.c_str());
    lastError.clear();
}

int cudnnBackendCreateDescriptor(int kind, Descriptor **descriptor) {
    for (int known : {ENGINE, HEURISTICS, PLAN, GRAPH, VALUES, TENSOR, ATTENTION}) {
        if (kind == known) {
            simulatedCount(1);
            *descriptor = new Descriptor{kind};
            return SUCCESS;
        }
    }
    return refuse(NOT_SUPPORTED, "this kind of descriptor is not simulated");
}

int cudnnBackendDestroyDescriptor(Descriptor *descriptor) { return destroy(descriptor); }

int cudnnBackendSetAttribute(Descriptor *descriptor, int attribute, int type, int64_t count, const void *values) {
    if (descriptor->complete || values == nullptr || count < 1) {
        return refuse(BAD_PARAM, "an attribute of a finalized descriptor, or of no values");
    }
    size_t bytes = type == BOOLEAN_TYPE ? 1 : type == INT64_TYPE || type == 0 || type == 6 || type == DESCRIPTOR_TYPE ? 8 : 4;
    std::vector<int64_t> all(count);
    for (int64_t i = 0; i < count; i++) {
        std::memcpy(&all[i], static_cast<const char *>(values) + i * bytes, bytes);
    }
    descriptor->attributes[attribute] = all;
    return SUCCESS;
}

int cudnnBackendFinalize(Descriptor *descriptor) {
    if (!complete(*descriptor)) {
        return refuse(BAD_PARAM, "a descriptor lacks attributes, or they do not fit each other");
    }
    descriptor->complete = true;
    return SUCCESS;
}

int cudnnBackendGetAttribute(const Descriptor *descriptor, int attribute, int, int64_t count, int64_t *found, void *values) {
    if (!descriptor->complete || count < 1) {
        return refuse(BAD_PARAM, "an attribute of a descriptor that is not finalized, or of no values");
    }
    if (descriptor->kind == PLAN && attribute == PLAN_WORKSPACE) {
        *static_cast<int64_t *>(values) = WORKSPACE;
        *found = 1;
        return SUCCESS;
    }
    if (descriptor->kind == HEURISTICS && attribute == RESULTS) {
        bool any = graphs != REFUSED && descriptor->number(MODE) == MODE_A;
        *found = any ? 1 : 0;
        if (any) {
            Descriptor *engine = *static_cast<Descriptor **>(values);
            engine->attributes[HEURISTICS_GRAPH] = descriptor->all(HEURISTICS_GRAPH);
            engine->complete = true;
        }
        return SUCCESS;
    }
    return refuse(NOT_SUPPORTED, "this attribute is not simulated");
}

int cudnnBackendExecute(Handle *handle, const Descriptor *plan, const Descriptor *values) {
    if (plan->kind != PLAN || !plan->complete || values->kind != VALUES || !values->complete) {
        return refuse(BAD_PARAM, "what is executed is no plan, or its values are none");
    }
    const Descriptor &attention = *plan->part(PLAN_ENGINE)->part(HEURISTICS_GRAPH)->part(GRAPH_OPERATIONS);
    std::vector<Heads> heads;
    for (int part : {Q, K, V, OUT}) {
        heads.emplace_back(*attention.part(part), valueOf(*values, *attention.part(part)));
        if (!simulatedOnDevice(heads.back().data, heads.back().bytes(), "attention")) {
            return refuse(EXECUTION_FAILED, "a tensor is not on the device");
        }
    }
    const void *workspace = reinterpret_cast<const void *>(values->number(VALUES_WORKSPACE));
    const void *scale = valueOf(*values, *attention.part(SCALE));
    if (!simulatedOnDevice(workspace, WORKSPACE, "attention workspace") || !simulatedOnHost(scale, "attention scale")) {
        return refuse(EXECUTION_FAILED, "the workspace is not on the device, or the scale is");
    }
    float factor = *static_cast<const float *>(scale);
    bool wrong = graphs == WRONG;
    int failed = simulatedSubmit(handle->stream, [=] {
        runs++;
        attend(heads[0], heads[1], heads[wrong ? 1 : 2], heads[3], factor);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

} // extern "C"
