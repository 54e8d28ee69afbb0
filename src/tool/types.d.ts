export interface Success<Row> {
  success: true;
  data: Row[];
}
export interface Failure {
  success: false;
  error: string;
  code: ErrorCode;
  /** OVERLOADED: milliseconds after which to ask again. */
  retryAfter?: number;
  /** Rows that came before the failure, in a large answer. */
  data?: unknown[];
}
export type Answer<Row> = Success<Row> | Failure;
export type Ack<Row> = (answer: Answer<Row>) => void;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Field<Value, Filter> {
  value: Value;
  filter: Filter;
}
type Filled<T> = Exclude<T, null>;
interface Equality<T> {
  equals?: T;
  not?: T | Equality<T>;
}
interface Choosing<T> {
  equals?: T;
  in?: readonly Filled<T>[];
  notIn?: readonly Filled<T>[];
  not?: T | Choosing<T>;
}
interface Ordering<T> {
  equals?: T;
  in?: readonly Filled<T>[];
  notIn?: readonly Filled<T>[];
  lt?: Filled<T>;
  lte?: Filled<T>;
  gt?: Filled<T>;
  gte?: Filled<T>;
  not?: T | Ordering<T>;
}
interface Searching<T> {
  equals?: T;
  in?: readonly Filled<T>[];
  notIn?: readonly Filled<T>[];
  lt?: Filled<T>;
  lte?: Filled<T>;
  gt?: Filled<T>;
  gte?: Filled<T>;
  contains?: string;
  startsWith?: string;
  endsWith?: string;
  /** "insensitive" on PostgreSQL only. */
  mode?: "default" | "insensitive";
  not?: T | Searching<T>;
}
type Equal<T> = T | Equality<T>;
type Choice<T> = T | Choosing<T>;
type Order<T> = T | Ordering<T>;
type Text<T> = T | Searching<T>;

export type ModelName = keyof Models;
type Fields<M extends ModelName> = Models[M]["fields"];
type One<M extends ModelName> = Models[M]["one"];
type Many<M extends ModelName> = Models[M]["many"];
type Target<T> = T extends readonly [infer N, ...unknown[]] ? N & ModelName : T & ModelName;
type Optional<T> = T extends readonly [unknown, null] ? null : never;

/** All scalar fields of a row. */
export type Scalars<M extends ModelName> = {
  [K in keyof Fields<M>]: Fields<M>[K] extends Field<infer V, unknown> ? V : never;
};

export type Where<M extends ModelName> = {
  [K in keyof Fields<M>]?: Fields<M>[K] extends Field<unknown, infer F> ? F : never;
} & {
  [K in keyof One<M>]?: Where<Target<One<M>[K]>> | Is<M, K> | Optional<One<M>[K]>;
} & {
  [K in keyof Many<M>]?: Some<Target<Many<M>[K]>>;
} & {
  AND?: Where<M> | readonly Where<M>[];
  OR?: readonly Where<M>[];
  NOT?: Where<M> | readonly Where<M>[];
};
interface Is<M extends ModelName, K extends keyof One<M>> {
  is?: Where<Target<One<M>[K]>> | Optional<One<M>[K]>;
  isNot?: Where<Target<One<M>[K]>> | Optional<One<M>[K]>;
}
interface Some<M extends ModelName> {
  some?: Where<M>;
  every?: Where<M>;
  none?: Where<M>;
}

export type Direction = "asc" | "desc";
export type OrderBy<M extends ModelName> = {
  [K in keyof Fields<M>]?: Direction | (null extends Scalars<M>[K] ? { sort: Direction; nulls?: "first" | "last" } : never);
} & {
  [K in keyof One<M>]?: OrderBy<Target<One<M>[K]>>;
} & {
  [K in keyof Many<M>]?: { _count: Direction };
};

type CountOf<M extends ModelName> = boolean | {
  select: { [K in keyof Many<M>]?: boolean | { where?: Where<Target<Many<M>[K]>> } };
};
type Counted<M extends ModelName> = keyof Many<M> extends never ? {} : { _count?: CountOf<M> };
type Related<M extends ModelName> = {
  [K in keyof One<M>]?: boolean | OneOptions<Target<One<M>[K]>, Optional<One<M>[K]>>;
} & {
  [K in keyof Many<M>]?: boolean | NestedOptions<Target<Many<M>[K]>>;
} & Counted<M> & {
  /** An object: a list of names has a type of its own. */
  [Symbol.iterator]?: never;
};
export type Select<M extends ModelName> = { [K in keyof Fields<M>]?: boolean } & Related<M>;
export type Include<M extends ModelName> = Related<M>;
type CountName<M extends ModelName> = keyof Many<M> extends never ? never : "_count";
type Relation<M extends ModelName> = (keyof One<M> | keyof Many<M>) & string | CountName<M>;
type Member<M extends ModelName> = (keyof Fields<M> & string) | Relation<M>;

interface Page<M extends ModelName> {
  where?: Where<M>;
  orderBy?: OrderBy<M> | readonly OrderBy<M>[];
  take?: number;
  skip?: number;
  cursor?: Where<M>;
  distinct?: (keyof Fields<M> & string) | readonly (keyof Fields<M> & string)[];
}
type Omit_<M extends ModelName> = { [K in keyof Fields<M>]?: boolean };
type Choose<S, I, O> =
  | { select: S; include?: null; omit?: null }
  | { select?: null; include?: I; omit?: O };
type OneOptions<M extends ModelName, Null> = Choose<Select<M>, Include<M>, Omit_<M>> &
  (null extends Null ? { where?: Where<M> } : {});
type NestedOptions<M extends ModelName> = Choose<Select<M>, Include<M>, Omit_<M>> & Page<M>;

/** What a collector that serves a model takes. */
export type ModelOptions<M extends ModelName> = Choose<
  Select<M> | readonly Member<M>[],
  Include<M> | readonly Relation<M>[],
  Omit_<M>
> & Page<M>;

/** A row of a model as these options make it. */
export type Payload<M extends ModelName, O> =
  O extends { select: readonly (infer K)[] } ? Whole<M, K>
  : O extends { select: infer S extends object } ? Chosen<M, S>
  : Flat<Left<M, O> & Included<M, O>>;
type Flat<T> = { [K in keyof T]: T[K] };
type Left<M extends ModelName, O> = O extends { omit: infer X extends object }
  ? { [K in keyof Scalars<M> as K extends keyof X ? (X[K] extends true ? never : K) : K]: Scalars<M>[K] }
  : Scalars<M>;
type Included<M extends ModelName, O> = O extends { include: readonly (infer K)[] } ? Whole<M, K>
  : O extends { include: infer I extends object } ? Chosen<M, I> : {};
type Whole<M extends ModelName, K> = { [N in K & string]: Value<M, N, true> };
type Chosen<M extends ModelName, S> = {
  [K in keyof S & string as S[K] extends false | undefined ? never : K]: Value<M, K, S[K]>;
};
type Value<M extends ModelName, K, O> =
  K extends keyof Fields<M> ? Scalars<M>[K]
  : K extends keyof One<M> ? Payload<Target<One<M>[K]>, Options_<O>> | Nothing<One<M>[K], O>
  : K extends keyof Many<M> ? Payload<Target<Many<M>[K]>, Options_<O>>[]
  : K extends "_count" ? { [N in keyof Many<M> as O extends { select: infer S } ? (N extends keyof S ? N : never) : N]: number }
  : never;
type Options_<O> = O extends object ? O : {};
type Nothing<T, O> = O extends { where: object } ? null : Optional<T>;

/** A row of which it is not known what was asked for: any part of it. */
export type AnyRow<M extends ModelName> = Partial<Scalars<M>> & {
  [K in keyof One<M>]?: AnyRow<Target<One<M>[K]>> | null;
} & {
  [K in keyof Many<M>]?: AnyRow<Target<Many<M>[K]>>[];
} & { _count?: { [K in keyof Many<M>]?: number } };

export interface ModelCollector<M extends ModelName> {
  model: M;
  options: ModelOptions<M>;
  row: AnyRow<M>;
  whole: Scalars<M>;
}
export interface SqlCollector<Parameters, Row> {
  options: Parameters & { take?: number; skip?: number };
  row: Row;
  whole: Row;
}

export type CollectorName = keyof Collectors;
export type OptionsOf<N extends CollectorName> = Collectors[N]["options"];
export type RowOf<N extends CollectorName, O = {}> =
  Collectors[N] extends { model: infer M extends ModelName } ? Payload<M, O> : Collectors[N]["row"];

/** For Socket<ServerToClientEvents, ClientToServerEvents> of socket.io-client. */
export type ClientToServerEvents = {
  [N in CollectorName]: (...args:
    | [answer: Ack<Collectors[N]["whole"]>]
    | [options: OptionsOf<N> | null | undefined, answer: Ack<Collectors[N]["row"]>]
  ) => void;
} & Plugins;
/** What collectors in C emit, nobody but their authors knows. */
export type ServerToClientEvents = [keyof Plugins] extends [never] ? {} : { [event: string]: (...args: any[]) => void };

/** The same socket, whose rows have exactly what the options ask for. */
export interface DalpuriSocket extends Omit<Socket<ServerToClientEvents, ClientToServerEvents>, "emit" | "emitWithAck" | "timeout"> {
  emit<N extends CollectorName>(event: N, answer: Ack<RowOf<N>>): this;
  emit<N extends CollectorName, const O extends OptionsOf<N>>(event: N, options: O, answer: Ack<RowOf<N, O>>): this;
  emit<N extends keyof Plugins>(event: N, ...args: any[]): this;
  emitWithAck<N extends keyof Plugins>(event: N, ...args: any[]): Promise<any>;
  emitWithAck<N extends CollectorName>(event: N): Promise<Answer<RowOf<N>>>;
  emitWithAck<N extends CollectorName, const O extends OptionsOf<N>>(event: N, options: O): Promise<Answer<RowOf<N, O>>>;
  timeout(ms: number): Pick<DalpuriSocket, "emitWithAck">;
}
